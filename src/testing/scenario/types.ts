import type { EarlyDataStatus } from "../../tls/peer/connection_info.ts";
import type {
  ResumptionFailure,
  ResumptionSource,
} from "../../tls/sessions/resumption.ts";
import type { ScenarioClient, ScenarioServer } from "./peers.ts";
import type { NetworkFaults, NetworkOptions } from "../network.ts";

/**
 * Connections of a client to servers, one after the other, with the expected result of each.
 * A scenario is plain data: `JSON.stringify` keeps all of it.
 */
export interface Scenario {
  /** The name, which is also the default seed. */
  readonly name: string;
  /** The first server. By default a `TlsContext` with the PKI's certificate `server`. */
  readonly server?: ScenarioServer | undefined;
  /** The first client. By default it trusts the PKI's root and connects to `localhost`. */
  readonly client?: ScenarioClient | undefined;
  /** The network of the first connection. By default it delivers all bytes at once. */
  readonly network?: ScenarioNetwork | undefined;
  /** The end of the first connection. By default `"close"`. */
  readonly end?: ScenarioEnd | undefined;
  /** The expected result of the first connection. */
  readonly expect: ScenarioExpectation;
  /** The steps after it. */
  readonly then?: readonly ScenarioStep[] | undefined;
}

/** A step of a scenario. */
export type ScenarioStep =
  /** Moves the clock by this many seconds. */
  | { readonly advance: number }
  /** Removes all sessions with this tag, which a host must have, from the stores. */
  | { readonly revoke: string }
  | ScenarioConnection;

/** A further connection. */
export interface ScenarioConnection {
  /** Its options. */
  readonly reconnect: ScenarioReconnect;
  /** Its expected result. */
  readonly expect: ScenarioExpectation;
}

/** Options of a further connection. */
export interface ScenarioReconnect {
  /**
   * Options of another server, which differ from those of the first. It has an OpenSSL
   * instance of its own. `"first"` is the first server itself. By default the server of the
   * last connection.
   */
  readonly server?: ScenarioServer | "first" | undefined;
  /** Options of another client, likewise. */
  readonly client?: ScenarioClient | "first" | undefined;
  /**
   * The session that the client proposes: the newest that it received, the first, none, or
   * the session `ticket` of connection `of`. Both count from 1; `ticket` is by default the
   * last. By default `"newest"`, or none if it received none.
   */
  readonly session?:
    | "newest"
    | "first"
    | "none"
    | { readonly of: number; readonly ticket?: number | undefined }
    | undefined;
  /** The early data that the client sends. */
  readonly earlyData?: string | undefined;
  /** The network. By default it delivers all bytes at once. */
  readonly network?: ScenarioNetwork | undefined;
  /** The end of the connection. By default `"close"`. */
  readonly end?: ScenarioEnd | undefined;
}

/**
 * The end of an established connection, after both endpoints have sent data:
 *
 * - `"close"`: both send close_notify;
 * - `"cut"`: the client's transport ends without close_notify;
 * - `"forged"`: the server receives a record that the client didn't encrypt, which is fatal.
 */
export type ScenarioEnd = "close" | "cut" | "forged";

/** A {@linkcode NetworkOptions} of plain data. */
export interface ScenarioNetwork extends Pick<NetworkOptions, "fragment"> {
  /** The delay in milliseconds. */
  readonly delay?: number | undefined;
  /** The faults on the way to the server. */
  readonly toServer?: Omit<NetworkFaults, "replay"> | undefined;
  /** The faults on the way to the client. */
  readonly toClient?: Omit<NetworkFaults, "replay"> | undefined;
}

/**
 * The result of a connection:
 *
 * - `"success"`: the handshake is complete, both endpoints report the same parameters, and
 *   data passes in both directions;
 * - `"client-fails"`, `"server-fails"`: that endpoint sends a fatal alert;
 * - `"lost"`: the connection fails without an alert;
 * - `"stalled"`: each endpoint waits for the other;
 * - `"client-refuses"`: the client doesn't connect, because of its session, its early data or
 *   the host name.
 */
export type ScenarioResult =
  | "success"
  | "client-fails"
  | "server-fails"
  | "lost"
  | "stalled"
  | "client-refuses";

/**
 * The expected facts of a connection. Those that are missing aren't checked. Whatever is
 * expected, the endpoints must report the same parameters, and each planned fault must
 * happen. `null` stands for none.
 */
export interface ScenarioExpectation {
  /** The result. */
  readonly result: ScenarioResult;
  /** The sender of the first fatal alert, and its name in the RFCs. */
  readonly alert?:
    | { readonly from: "client" | "server"; readonly name: string }
    | null
    | undefined;
  /** A non-empty part of the message of the client's error. */
  readonly clientError?: string | null | undefined;
  /** A non-empty part of the message of the server's error. */
  readonly serverError?: string | null | undefined;
  /** The protocol version. */
  readonly protocol?: string | null | undefined;
  /** The cipher suite, by its name in the RFCs. */
  readonly cipher?: string | null | undefined;
  /** The signature algorithm of the server's CertificateVerify or ServerKeyExchange, such as `"ed25519"`. */
  readonly signature?: string | null | undefined;
  /** The group of the key exchange. */
  readonly group?: string | null | undefined;
  /** The ALPN protocol. */
  readonly alpn?: string | null | undefined;
  /** The server name, as the server reports it. */
  readonly serverName?: string | null | undefined;
  /** Whether a session was resumed. */
  readonly resumed?: boolean | null | undefined;
  /** The source of the session that the server resumed. */
  readonly from?: ResumptionSource | null | undefined;
  /** The reason for which the server resumed none. */
  readonly reason?: ResumptionFailure | null | undefined;
  /**
   * The session id of the ServerHello: `"new"` is the server's own, `"echoed"` the client's,
   * and `"none"` an empty one.
   */
  readonly sessionId?: "new" | "echoed" | "none" | null | undefined;
  /** The number of NewSessionTicket messages that the server sent. */
  readonly tickets?: number | undefined;
  /** The lifetime in the last of them, in seconds. */
  readonly ticketLifetime?: number | null | undefined;
  /** The number of sessions that the client received. */
  readonly sessions?: number | undefined;
  /** Whether the server sent a HelloRetryRequest. */
  readonly helloRetry?: boolean | undefined;
  /** Whether the server sent a CertificateRequest. */
  readonly certificateRequest?: boolean | undefined;
  /** The subject of the server's certificate, as the client reports it. */
  readonly serverCertificate?: string | null | undefined;
  /** The subject of the client's certificate, as the server reports it. */
  readonly clientCertificate?: string | null | undefined;
  /** The status of early data, as the client reports it. The server must have read just that data. */
  readonly earlyData?: EarlyDataStatus | null | undefined;
  /** The number of look-ups in the server's stores, by its statistics. */
  readonly lookups?: number | undefined;
  /** The number of sessions that were written to them. */
  readonly writes?: number | undefined;
  /** The number of sessions that were deleted from them, including the end of the connection. */
  readonly deletions?: number | undefined;
  /** The number of their failures that were reported. */
  readonly storeErrors?: number | undefined;
  /** The number of their faults that were injected. */
  readonly injected?: number | undefined;
  /** The duration of the connection by the clock, in milliseconds. */
  readonly elapsed?: number | undefined;
}
