import { messageOf } from "../../internal/error_message.ts";
import type { TlsConnectionInfo } from "../../tls/peer/connection_info.ts";
import type { TlsEngineState } from "../../tls/engine/driven_connection.ts";
import type { TlsEngine } from "../../tls/engine/engine.ts";
import type { Resumption } from "../../tls/sessions/resumption.ts";
import type { TlsSocket } from "../../tls/socket/socket.ts";

/** The outcome of an endpoint so far. */
export interface TraceOutcome {
  /** The state of its engine. */
  readonly state: TlsEngineState;
  /** The negotiated version, or `null`. */
  readonly protocol: string | null;
  /** The negotiated cipher suite, or `null`. */
  readonly cipher: string | null;
  /** The group of the key exchange, or `null`. */
  readonly group: string | null;
  /** The ALPN protocol, or `null`. */
  readonly alpnProtocol: string | null;
  /** The resumption; `null` until it is known. */
  readonly resumption: Resumption | null;
  /** The message of the error that ended the connection, or `null`. */
  readonly error: string | null;
}

/** The outcome of an engine. */
export function outcomeOf(
  { state, info, resumption, error }: TlsEngine,
): TraceOutcome {
  return outcome(state, info, resumption, error?.message ?? null);
}

/** Follows a socket, and returns a function that returns its outcome. */
export function outcomeOfSocket(socket: TlsSocket): () => TraceOutcome {
  let state: TlsEngineState = "handshaking";
  let error: string | null = null;
  const fail = (reason: unknown): void => {
    state = "failed";
    error ??= messageOf(reason);
  };
  socket.opened.then(() => {
    if (state === "handshaking") state = "open";
  }, fail);
  socket.closed.then(() => {
    state = "closed";
  }, fail);
  return () => outcome(state, socket.info, socket.resumption, error);
}

function outcome(
  state: TlsEngineState,
  info: TlsConnectionInfo | null,
  resumption: Resumption | null,
  error: string | null,
): TraceOutcome {
  return {
    state,
    protocol: info?.protocol ?? null,
    cipher: info?.cipher ?? null,
    group: info?.group ?? null,
    alpnProtocol: info?.alpnProtocol ?? null,
    resumption,
    error,
  };
}
