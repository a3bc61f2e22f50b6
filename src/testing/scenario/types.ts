import type { EarlyDataStatus } from "../../tls/peer/connection_info.ts";
import type {
  ResumptionFailure,
  ResumptionSource,
} from "../../tls/sessions/resumption.ts";
import type { ScenarioClient, ScenarioServer } from "./peers.ts";
import type { NetworkFaults, NetworkOptions } from "../network.ts";

/**
 * A client's connections to servers, one after the other, and what is expected of each. It is
 * plain data: `JSON.stringify` keeps all of it.
 */
export interface Scenario {
  /** What it is about, and the seed unless another is given. */
  readonly name: string;
  /** The first server. By default as `TlsContext` with the PKI's certificate `server`. */
  readonly server?: ScenarioServer | undefined;
  /** The first client. By default it trusts the PKI's root and asks for `localhost`. */
  readonly client?: ScenarioClient | undefined;
  /** How the first connection's network behaves. By default it carries everything. */
  readonly network?: ScenarioNetwork | undefined;
  /** How the first connection ends. By default `"close"`. */
  readonly end?: ScenarioEnd | undefined;
  /** What becomes of the first connection. */
  readonly expect: ScenarioExpectation;
  /** What happens after it. */
  readonly then?: readonly ScenarioStep[] | undefined;
}

/** What happens between connections, or the next one. */
export type ScenarioStep =
  /** The clock moves on by so many seconds. */
  | { readonly advance: number }
  /** All sessions with this tag, which a host has, are removed from the stores. */
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
  readonly server?: ScenarioServer | "first" | undefined;
  /** Another client, likewise. */
  readonly client?: ScenarioClient | "first" | undefined;
  /**
   * What the client proposes to resume: the newest session that it was given, the first, none,
   * or one of a connection, counted from 1, where `ticket` says which, counted from 1, by
   * default the last. By default `"newest"`, or none if it was given none.
   */
  readonly session?:
    | "newest"
    | "first"
    | "none"
    | { readonly of: number; readonly ticket?: number | undefined }
    | undefined;
  /** What the client sends with its hello. */
  readonly earlyData?: string | undefined;
  /** How the network behaves. By default it carries everything. */
  readonly network?: ScenarioNetwork | undefined;
  /** How the connection ends. By default `"close"`. */
  readonly end?: ScenarioEnd | undefined;
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
  readonly delay?: number | undefined;
  /** What goes wrong on the way to the server. */
  readonly toServer?: Omit<NetworkFaults, "replay"> | undefined;
  /** What goes wrong on the way to the client. */
  readonly toClient?: Omit<NetworkFaults, "replay"> | undefined;
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
 * agree, and that what is to go wrong must happen. `null` stands for none.
 */
export interface ScenarioExpectation {
  /** How it turns out. */
  readonly result: ScenarioResult;
  /** The first fatal alert, from whom, and its name in the RFCs. */
  readonly alert?:
    | { readonly from: "client" | "server"; readonly name: string }
    | null
    | undefined;
  /** What the client's error says, or a part of it, of one letter at least. */
  readonly clientError?: string | null | undefined;
  /** What the server's error says, or a part of it, of one letter at least. */
  readonly serverError?: string | null | undefined;
  /** The version. */
  readonly protocol?: string | null | undefined;
  /** The cipher suite by the RFCs' name. */
  readonly cipher?: string | null | undefined;
  /** How the server proved that it has its certificate's key, such as `"ed25519"`. */
  readonly signature?: string | null | undefined;
  /** The group of the key exchange. */
  readonly group?: string | null | undefined;
  /** The application protocol. */
  readonly alpn?: string | null | undefined;
  /** The server name, as the server knows it. */
  readonly serverName?: string | null | undefined;
  /** Whether a session was resumed. */
  readonly resumed?: boolean | null | undefined;
  /** Where the server had the session from. */
  readonly from?: ResumptionSource | null | undefined;
  /** Why the server resumed none. */
  readonly reason?: ResumptionFailure | null | undefined;
  /**
   * The session id of the ServerHello: `"new"` is the server's own, `"echoed"` the client's,
   * and `"none"` an empty one.
   */
  readonly sessionId?: "new" | "echoed" | "none" | null | undefined;
  /** How many NewSessionTicket messages the server sent. */
  readonly tickets?: number | undefined;
  /** The lifetime that the last of them says, in seconds. */
  readonly ticketLifetime?: number | null | undefined;
  /** How many sessions the client was given. */
  readonly sessions?: number | undefined;
  /** Whether there was a HelloRetryRequest. */
  readonly helloRetry?: boolean | undefined;
  /** Whether the server asked for a certificate. */
  readonly certificateRequest?: boolean | undefined;
  /** The subject of the server's certificate, as the client knows it. */
  readonly serverCertificate?: string | null | undefined;
  /** The subject of the client's certificate, as the server knows it. */
  readonly clientCertificate?: string | null | undefined;
  /** What became of early data, as the client knows it. The server must have read just that. */
  readonly earlyData?: EarlyDataStatus | null | undefined;
  /** How many look-ups reached the server's stores, by its statistics. */
  readonly lookups?: number | undefined;
  /** How many sessions were given to them. */
  readonly writes?: number | undefined;
  /** How many sessions were deleted from them, also as the connection ended. */
  readonly deletions?: number | undefined;
  /** How many failures of theirs were reported. */
  readonly storeErrors?: number | undefined;
  /** How many faults of them were injected. */
  readonly injected?: number | undefined;
  /** How long it took from its beginning to its end by the clock, in milliseconds. */
  readonly elapsed?: number | undefined;
}
