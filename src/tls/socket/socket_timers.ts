/** Calls back when a time is up, unless what it returns is called before. */
export type Timeout = (callback: () => void) => () => void;

/** The timers of a socket, which the sockets of a listener share. */
export interface SocketTimers {
  /** When the handshake has taken too long. */
  readonly handshake: Timeout;
  /** When the peer has had time enough to answer close_notify. */
  readonly linger: Timeout;
}

/** How long the peer may take to answer close_notify, and the transport to end, in ms. */
export const LINGER_TIMEOUT = 1_000;

/** The timers of a socket by itself. */
export function ownTimers(handshakeTimeout: number): SocketTimers {
  return { handshake: timer(handshakeTimeout), linger: timer(LINGER_TIMEOUT) };
}

function timer(ms: number): Timeout {
  return (callback) => {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  };
}
