/**
 * The timers of a socket, which the sockets of a listener share: each calls back when a time is
 * up, unless what it returns is called before.
 */
export interface SocketTimers {
  /** The time limit of the handshake. */
  handshake(callback: () => void): () => void;
  /** The time limit for writing what is left on `close()`. */
  flush(callback: () => void): () => void;
  /** The time limit for the peer's close_notify. */
  linger(callback: () => void): () => void;
}

/** How long `close()` lets the transport take what was written, in ms. */
export const FLUSH_TIMEOUT = 5_000;

/** How long the peer may take to answer close_notify, and the transport to end, in ms. */
export const LINGER_TIMEOUT = 1_000;

/** The timers of a socket by itself. */
export function ownTimers(handshakeTimeout: number): SocketTimers {
  return {
    handshake: timer(handshakeTimeout),
    flush: timer(FLUSH_TIMEOUT),
    linger: timer(LINGER_TIMEOUT),
  };
}

function timer(ms: number): (callback: () => void) => () => void {
  return (callback) => {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  };
}
