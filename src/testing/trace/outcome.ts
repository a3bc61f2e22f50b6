import type { TlsConnectionInfo } from "../../tls/peer/connection_info.ts";
import type { TlsEngineState } from "../../tls/engine/connection.ts";
import type { TlsEngine } from "../../tls/engine/engine.ts";
import type { Resumption } from "../../tls/sessions/resumption.ts";
import type { TlsSocket } from "../../tls/socket/socket.ts";

/** Where an end stands. */
export interface TraceOutcome {
  /** The state of its engine. */
  readonly state: TlsEngineState;
  /** The version that was negotiated; `null` if none was yet. */
  readonly protocol: string | null;
  /** The cipher suite that was negotiated, or `null`. */
  readonly cipher: string | null;
  /** The group of the key exchange, or `null`. */
  readonly group: string | null;
  /** The application protocol, or `null`. */
  readonly alpnProtocol: string | null;
  /** Whether a session was resumed, and from where or why not; `null` until it is known. */
  readonly resumption: Resumption | null;
  /** What ended the connection, if it failed. */
  readonly error: string | null;
}

/** How the end of an engine goes. */
export function outcomeOf(
  { state, info, resumption, error }: TlsEngine,
): TraceOutcome {
  return outcome(state, info, resumption, error?.message ?? null);
}

/** Follows how the end of a socket goes. */
export function outcomeOfSocket(socket: TlsSocket): () => TraceOutcome {
  let state: TlsEngineState = "handshaking";
  let error: string | null = null;
  const fail = (reason: unknown): void => {
    state = "failed";
    error ??= reason instanceof Error ? reason.message : String(reason);
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
