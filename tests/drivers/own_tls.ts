/**
 * The runtime's own `node:tls`, to compare with: what a line of glue would do, it does for all.
 *
 * @module
 */
import { createRequire } from "node:module";
import type { Socket } from "node:net";

interface Options {
  readonly port?: number;
  readonly socket?: Socket;
  readonly kept?: Map<unknown, Uint8Array>;
}

const tls = createRequire(import.meta.url)("tls");
const { connect } = tls;

tls.connect = (options: Options, ...rest: unknown[]): Socket => {
  const { kept } = options;
  if (!kept) return connect(options, ...rest);
  const port = options.port ?? options.socket?.remotePort;
  const session = kept.get(port);
  const socket = connect({ ...options, ...(session && { session }) }, ...rest);
  socket.on("session", (newest: Uint8Array) => kept.set(port, newest));
  return socket;
};

/** Options that have `tls.connect` keep sessions. */
export function keepSessions(): object {
  return { kept: new Map() };
}
