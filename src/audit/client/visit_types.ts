import type { Trace } from "../../testing/trace.ts";
import type { ClientSession } from "./session.ts";

/** Options of a visit: one connection, with a handshake by OpenSSL. */
export interface VisitOptions {
  /** What the connection is for: the title of its trace. By default generated from the options. */
  title?: string;
  /** The address that is visited. By default the first. */
  node?: string;
  /** The name in the server_name extension; null for none. By default the audit's. */
  name?: string | null;
  /** The only version offered. By default that of the kind that is probed. */
  version?: "TLSv1.2" | "TLSv1.3" | "both";
  /** The session that is offered. */
  session?: ClientSession;
  /** Whether the session_ticket extension is offered in TLS 1.2. By default as the kind needs it. */
  tickets?: boolean;
  /** The protocols of ALPN. By default the audit's. */
  alpn?: readonly string[];
  /** Cipher suites of TLS 1.2, by OpenSSL's names. */
  ciphers?: string;
  /** Cipher suites of TLS 1.3, by OpenSSL's names. */
  ciphersuites?: string;
  /** Groups, as SSL_CTX_set1_groups_list(3) takes them. */
  groups?: string;
  /** The client certificate that is shown. By default the first, if there is one. */
  certificate?: "first" | "second" | "none";
  /** Whether extended_master_secret is offered (TLS 1.2). By default it is. */
  extendedMasterSecret?: boolean;
  /** Early data to send. */
  earlyData?: Uint8Array;
  /** A seed: visits with the same seed, session and time (`at`) send the same first flight. */
  seed?: string;
  /**
   * The client's time, in milliseconds since 1970, at which its clock stands. By default the
   * audit's time.
   */
  at?: number;
  /** Options of OpenSSL's besides: SSL_OP_… */
  options?: bigint;
  /**
   * Done on the open connection. By default the audit's request is sent and its answer read,
   * unless the connection ends otherwise than with close_notify.
   */
  use?: (connection: OpenVisit) => Promise<void>;
  /** How the connection ends: with close_notify, without, or by a fatal alert. By default with. */
  end?: "close_notify" | "abrupt" | "alert";
}

/** A connection that is open, for `use`. */
export interface OpenVisit {
  /** Whether early data was sent, and accepted. */
  readonly earlyData: Visit["earlyData"];
  /** Sends application data. */
  write(bytes: Uint8Array): Promise<void>;
  /** Reads what comes until the server is silent for `ms` milliseconds or ends. */
  read(ms?: number): Promise<Uint8Array>;
  /** Renegotiates (TLS 1.2), offering a session if one is given. */
  renegotiate(session?: ClientSession): Promise<{ resumed: boolean }>;
}

/** What a connection showed. */
export interface Visit {
  /** Whether the handshake completed. */
  readonly open: boolean;
  /** Whether it resumed the session that was offered. */
  readonly resumed: boolean;
  /** Why the handshake didn't complete: the server's alert, the end of the connection, silence. */
  readonly failure: VisitFailure | null;
  /** The version; null if none was negotiated. */
  readonly version: "TLSv1.2" | "TLSv1.3" | null;
  /** The cipher suite by OpenSSL's name. */
  readonly cipher: string | null;
  /** The group of the key exchange. */
  readonly group: string | null;
  /** The protocol that ALPN chose; null for none. */
  readonly alpn: string | null;
  /** SHA-256 of the server's certificate (of a full handshake), in hexadecimal. */
  readonly certificate: string | null;
  /** Whether the server asked for a client certificate in this handshake. */
  readonly certificateRequested: boolean;
  /** Whether both agreed on the extended master secret (TLS 1.2). */
  readonly extendedMasterSecret: boolean;
  /** Whether there was a HelloRetryRequest. */
  readonly retried: boolean;
  /** Whether early data was sent, and accepted. */
  readonly earlyData: "not sent" | "accepted" | "rejected";
  /** What the client sent before it read a byte of the server's: its hello and early data. */
  readonly firstFlight: Uint8Array;
  /** The sessions that the server gave, in their order. */
  readonly sessions: readonly ClientSession[];
  /** What the server sent as application data: the first 64 KiB or so. */
  readonly data: Uint8Array;
  /** Milliseconds to the ServerHello. */
  readonly helloMs: number;
  /** Milliseconds in all. */
  readonly ms: number;
  /** The messages. */
  readonly trace: Trace;
}

/** Why a handshake didn't complete. */
export interface VisitFailure {
  /** What happened: the server's alert, its end of the connection with or without a TCP reset, silence, or a failure of this end. */
  readonly kind: "alert" | "closed" | "reset" | "timeout" | "error";
  /** The alert's name, such as "handshake_failure". */
  readonly alert: string | null;
  /** The same as a sentence. */
  readonly message: string;
}
