import { Socket, type SocketConnectOpts } from "node:net";
import type { TLSSocketMembers } from "./members.ts";

/** What the connecting of a `net.Socket` tells. */
const CONNECTING_EVENTS = [
  "lookup",
  "connectionAttempt",
  "connectionAttemptFailed",
  "connectionAttemptTimeout",
] as const;

/** A `net.Socket` that connects for a `TLSSocket`, which emits its events as its own. */
export function rawSocketFor(socket: TLSSocketMembers): Socket {
  const raw = new Socket({ allowHalfOpen: true });
  for (const event of CONNECTING_EVENTS) {
    raw.on(event as "lookup", (...args: unknown[]) => {
      socket.emit(event, ...args);
    });
  }
  raw.once("connect", () => {
    socket.connecting = false;
    socket.emit("connect");
    socket.emit("ready");
  });
  return raw;
}

/** Which of a `TLSSocket`'s options are for its `net.Socket`. */
export function rawOptions(options: object): SocketConnectOpts {
  const {
    allowHalfOpen: _allowHalfOpen,
    onread: _onread,
    signal: _signal,
    timeout: _timeout,
    ...rest
  } = options as SocketConnectOpts & Record<string, unknown>;
  return rest as SocketConnectOpts;
}
