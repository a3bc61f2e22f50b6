import type { Trace } from "../../testing/trace.ts";
import type { ClientSession } from "./session.ts";
import type { VisitFailure, VisitOptions } from "./visit_types.ts";

/** An extension of a ClientHello. */
export interface HelloExtension {
  /** Its number in the registry of IANA. */
  type: number;
  /** Its content, without type and length. */
  data: Uint8Array;
}

/** A ClientHello, to be changed: RFC 8446, 4.1.2. */
export interface Hello {
  /** The field `legacy_version`: 0x0303 in TLS 1.2 and 1.3. */
  legacyVersion: number;
  /** The 32 random bytes. */
  random: Uint8Array;
  /** The session id that is offered, of up to 32 bytes; in TLS 1.3 the server echoes it. */
  sessionId: Uint8Array;
  /** The numbers of the cipher suites, the preferred first. */
  cipherSuites: number[];
  /** The compression methods: 0 alone. */
  compressionMethods: Uint8Array;
  /** In their order; pre_shared_key is not among them. */
  extensions: HelloExtension[];
  /** The identities of pre_shared_key, each with the session that its binder is computed from. */
  identities: HelloIdentity[];
}

/** An identity of pre_shared_key, and how its binder is made. */
export interface HelloIdentity {
  /** The identity: of a session its ticket. */
  identity: Uint8Array;
  /** The age of the ticket in milliseconds plus ticket_age_add, modulo 2³². */
  obfuscatedAge: number;
  /** The session whose key and hash compute the binder; null for one of no key. */
  session: ClientSession | null;
  /**
   * Changes the binder that was computed. It is called with zeros first, as the hello's length
   * has to be known before.
   */
  alterBinder?: (binder: Uint8Array) => Uint8Array;
}

/** Options of a ClientHello that is made from OpenSSL's and changed. */
export interface HelloOptions extends
  Pick<
    VisitOptions,
    | "title"
    | "node"
    | "name"
    | "version"
    | "session"
    | "tickets"
    | "alpn"
    | "ciphers"
    | "ciphersuites"
    | "groups"
    | "extendedMasterSecret"
    | "seed"
    | "at"
  > {
  /** Changes the hello. Binders are computed afterwards. */
  edit?: (hello: Hello) => void;
  /** Makes the second hello, after a HelloRetryRequest. By default nothing more is sent. */
  editSecond?: (hello: Hello) => void;
  /** The sizes of the records that the hello is split into. By default one. */
  recordBytes?: number;
  /** Sends bytes of these many at a time, each in a write of its own. */
  writeBytes?: number;
  /** Bytes that follow the hello, such as early data that is encrypted already. */
  append?: Uint8Array;
}

/** How a server answered a hello, as far as it isn't encrypted. */
export interface HelloAnswer {
  /** Whether the server took the session, or one of the identities. */
  readonly resumed: boolean;
  /** Which of the identities, by its index; null for none (TLS 1.3). */
  readonly selectedIdentity: number | null;
  /** The version that the server chose; null without a ServerHello. */
  readonly version: "TLSv1.2" | "TLSv1.3" | null;
  /** The number of the cipher suite that it chose; null without a ServerHello. */
  readonly cipherSuite: number | null;
  /** Whether a key share came with the PSK: (EC)DHE. */
  readonly keyShare: boolean;
  /** Whether it asked for a second hello: HelloRetryRequest. */
  readonly retried: boolean;
  /** The session id of the ServerHello. */
  readonly sessionId: Uint8Array;
  /** The types of the ServerHello's extensions. */
  readonly extensions: readonly number[];
  /** The names of handshake messages that followed in the clear (TLS 1.2). */
  readonly messages: readonly string[];
  /** Why there was no answer, if so: an alert, the end of the connection, silence. */
  readonly failure: VisitFailure | null;
  /** Milliseconds from the hello to the answer. */
  readonly ms: number;
  /** The messages, as far as they are not encrypted. */
  readonly trace: Trace;
}
