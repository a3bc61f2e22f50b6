import type { ResumptionFailure, ResumptionSource } from "../tls/resumption.ts";
import type { TlsContextOptions, TlsVersion } from "../tls/context_options.ts";
import type { EarlyDataStatus } from "../tls/early_data.ts";
import type { FaultCondition, PlannedFault } from "./_faulty_plan.ts";
import type { TestKeyType } from "./_pki_certificate.ts";
import type { TestUsage } from "./_pki_extensions.ts";
import type { NetworkFaults, NetworkOptions } from "./network.ts";

/**
 * A client's connections to servers, one after the other, and what is expected of each. It is
 * plain data: `JSON.stringify` keeps all of it.
 */
export interface Scenario {
  /** What it is about, and the seed unless another is given. */
  readonly name: string;
  /** The first server. By default as `TlsContext` with the PKI's certificate `server`. */
  readonly server?: ScenarioServer;
  /** The first client. By default it trusts the PKI's root and asks for `localhost`. */
  readonly client?: ScenarioClient;
  /** How the first connection's network behaves. By default it carries everything. */
  readonly network?: ScenarioNetwork;
  /** How the first connection ends. By default `"close"`. */
  readonly end?: ScenarioEnd;
  /** What becomes of the first connection. */
  readonly expect: ScenarioExpectation;
  /** What happens after it. */
  readonly then?: readonly ScenarioStep[];
}

/** What happens between connections, or the next one. */
export type ScenarioStep =
  /** The clock moves on by so many seconds. */
  | { readonly advance: number }
  /** All sessions with this tag are removed from the stores. */
  | { readonly revoke: string }
  | ScenarioConnection;

/** A further connection. */
export interface ScenarioConnection {
  /** How it is made. */
  readonly reconnect: ScenarioReconnect;
  /** What becomes of it. */
  readonly expect: ScenarioExpectation;
}

/** How a further connection is made. */
export interface ScenarioReconnect {
  /**
   * Another server, in an OpenSSL instance of its own: with the options of the first, except
   * these. `"first"` is the first server itself. By default the one of the last connection.
   */
  readonly server?: ScenarioServer | "first";
  /** Another client, likewise. */
  readonly client?: ScenarioClient | "first";
  /**
   * What the client proposes to resume: the newest session that it was given, the first, none,
   * or one of a connection, counted from 1, where `ticket` says which, counted from 1, by
   * default the last. By default `"newest"`, or none if it was given none.
   */
  readonly session?:
    | "newest"
    | "first"
    | "none"
    | { readonly of: number; readonly ticket?: number };
  /** What the client sends with its hello. */
  readonly earlyData?: string;
  /** How the network behaves. By default it carries everything. */
  readonly network?: ScenarioNetwork;
  /** How the connection ends. By default `"close"`. */
  readonly end?: ScenarioEnd;
}

/**
 * How a connection ends that was established, after both ends have sent data: both send
 * close_notify; it is cut off without; or a record reaches the server that the client never
 * sealed, which is fatal.
 */
export type ScenarioEnd = "close" | "cut" | "forged";

/** A {@linkcode NetworkOptions} of plain data. */
export interface ScenarioNetwork extends Pick<NetworkOptions, "fragment"> {
  /** How long bytes take, in milliseconds. */
  readonly delay?: number;
  /** What goes wrong on the way to the server. */
  readonly toServer?: Omit<NetworkFaults, "replay">;
  /** What goes wrong on the way to the client. */
  readonly toClient?: Omit<NetworkFaults, "replay">;
}

/** A certificate of the scenario's `TestPki`, by its name there. */
export type ScenarioCertificateName =
  | "server"
  | "client"
  | "expired"
  | "notYetValid"
  | "wrongHost"
  | "wrongUsage"
  | "untrusted"
  | "selfSigned"
  | "notCa"
  | "revokedLooking";

/** Who may have signed a certificate. */
export type ScenarioIssuer = "intermediate" | "ca" | "otherCa" | "self";

/** What a certificate says that the scenario's `TestPki` issues. */
export interface ScenarioCertificateOptions {
  /** Its host names and IP addresses. By default `localhost` for a server, else none. */
  readonly hosts?: readonly string[];
  /** The common name of its subject. By default the first host, or else its usage. */
  readonly commonName?: string;
  /** What it may be used as. By default `"server"`. */
  readonly usage?: TestUsage;
  /** The sort of its key. By default `"P-256"`. */
  readonly keyType?: TestKeyType;
  /** Who signs it. By default `"intermediate"`. */
  readonly issuer?: ScenarioIssuer;
  /** From when it is valid, in seconds since the start. By default a day before it. */
  readonly validFrom?: number;
  /** Until when, in seconds since the start. By default 90 days after it. */
  readonly validUntil?: number;
}

/** What a client and a server can have. Options of a `TlsContext` are as they are there. */
export interface ScenarioPeer {
  /** Its certificate. By default `"server"`, and for a client none. */
  readonly certificate?: ScenarioCertificate;
  /** The roots that it trusts. By default `["ca"]`. */
  readonly trust?: readonly ("ca" | "otherCa")[];
  /** The application protocols, the preferred one first. */
  readonly alpnProtocols?: readonly string[];
  /** The lowest version. */
  readonly minVersion?: TlsVersion;
  /** The highest version. */
  readonly maxVersion?: TlsVersion;
  /** Commands of OpenSSL's configuration language. */
  readonly configure?: NonNullable<TlsContextOptions["configure"]>;
}

/** A certificate by its name in the PKI, or as it is to be issued. */
export type ScenarioCertificate =
  | ScenarioCertificateName
  | ScenarioCertificateOptions;

/** A client. */
export interface ScenarioClient extends ScenarioPeer {
  /** The host name or IP address that it asks for and verifies. */
  readonly hostname?: string;
}

/** One of the hosts of a server. Options of a `TlsContext` are as they are there. */
export interface ScenarioHost extends
  ScenarioPeer,
  Readonly<
    Pick<
      TlsContextOptions,
      | "clientAuth"
      | "commit"
      | "lookupTimeout"
      | "maxEarlyData"
      | "maxLookupsPerHello"
      | "sessionIdContext"
      | "sessionTimeout"
      | "singleUse"
      | "tickets"
      | "uncleanClose"
      | "writeTimeout"
    >
  > {
  /**
   * Where its sessions live: `"memory"` is the one store in memory that all have who name it,
   * `"own"` one of the server's own. By default `"none"`.
   */
  readonly store?: "memory" | "own" | "none";
  /** What goes wrong between the server and its store. */
  readonly faults?: readonly ScenarioFault[];
  /** The keys of stateless tickets, by names that the scenario gives them. */
  readonly ticketKeys?: readonly string[];
  /** The keys of session ids, by names that the scenario gives them. */
  readonly sessionIdKey?: readonly string[];
  /** The tag of all its sessions. */
  readonly tag?: string;
}

/** A server. */
export interface ScenarioServer extends ScenarioHost {
  /**
   * Further hosts, by the name that clients ask for, `""` for those who name none; by default
   * with a certificate for that name. `"refuse"` ends the handshake. Other names are served
   * by the server itself.
   */
  readonly hosts?: Readonly<Record<string, ScenarioHost | "refuse">>;
}

/** A {@linkcode PlannedFault} of plain data. */
export interface ScenarioFault {
  /** The methods of the store that have it. */
  readonly on: PlannedFault["on"];
  /** Which of their calls have it. By default all. */
  readonly when?: Pick<FaultCondition, "calls" | "probability">;
  /** What goes wrong. What takes time takes longer than a server waits. */
  readonly fault: ScenarioStoreFault;
}

/** A `StoreFault` of plain data. */
export interface ScenarioStoreFault {
  /** Which one. */
  readonly kind: PlannedFault["fault"]["kind"];
  /** `"latency"`: how long, in milliseconds. */
  readonly ms?: number;
  /** `"error"`: whether the store does what it was asked all the same. */
  readonly takesEffect?: boolean;
  /** `"corrupt"`: which byte. */
  readonly at?: number;
  /** `"corrupt"`: what changes it. */
  readonly xor?: number;
}

/**
 * How a connection turns out:
 *
 * - `"success"`: it is established, both ends agree on what it is, and data passes;
 * - `"client-fails"`, `"server-fails"`: that end finds fault with the other, and says so
 *   by a fatal alert;
 * - `"lost"`: it fails, and neither end sends an alert;
 * - `"stalled"`: each end waits for the other;
 * - `"client-refuses"`: the client doesn't begin: its session, its early data or the host
 *   name isn't for such a connection.
 */
export type ScenarioResult =
  | "success"
  | "client-fails"
  | "server-fails"
  | "lost"
  | "stalled"
  | "client-refuses";

/**
 * What is expected of a connection. What isn't there isn't looked at, except that ends must
 * agree. `null` stands for none.
 */
export interface ScenarioExpectation {
  /** How it turns out. */
  readonly result: ScenarioResult;
  /** The first fatal alert, from whom, and its name in the RFCs. */
  readonly alert?:
    | { readonly from: "client" | "server"; readonly name: string }
    | null;
  /** What the client's error says, or a part of it. */
  readonly clientError?: string | null;
  /** What the server's error says, or a part of it. */
  readonly serverError?: string | null;
  /** The version. */
  readonly protocol?: string | null;
  /** The cipher suite by the RFCs' name. */
  readonly cipher?: string | null;
  /** The group of the key exchange. */
  readonly group?: string | null;
  /** The application protocol. */
  readonly alpn?: string | null;
  /** The server name, as the server knows it. */
  readonly serverName?: string | null;
  /** Whether a session was resumed. */
  readonly resumed?: boolean | null;
  /** Where the server had the session from. */
  readonly from?: ResumptionSource | null;
  /** Why the server resumed none. */
  readonly reason?: ResumptionFailure | null;
  /**
   * The session id of the ServerHello: `"new"` is the server's own, `"echoed"` the client's,
   * and `"none"` an empty one.
   */
  readonly sessionId?: "new" | "echoed" | "none" | null;
  /** How many NewSessionTicket messages the server sent. */
  readonly tickets?: number;
  /** The lifetime that the last of them says, in seconds. */
  readonly ticketLifetime?: number | null;
  /** How many sessions the client was given. */
  readonly sessions?: number;
  /** Whether there was a HelloRetryRequest. */
  readonly helloRetry?: boolean;
  /** Whether the server asked for a certificate. */
  readonly certificateRequest?: boolean;
  /** The subject of the server's certificate, as the client knows it. */
  readonly serverCertificate?: string | null;
  /** The subject of the client's certificate, as the server knows it. */
  readonly clientCertificate?: string | null;
  /** What became of early data, as the client knows it. The server must have read just that. */
  readonly earlyData?: EarlyDataStatus | null;
  /** How many look-ups reached the server's stores, by its statistics. */
  readonly lookups?: number;
  /** How many sessions were given to them. */
  readonly writes?: number;
  /** How many sessions were deleted from them, also as the connection ended. */
  readonly deletions?: number;
  /** How many failures of theirs were reported. */
  readonly storeErrors?: number;
}
