import type { Socket } from "node:net";
import type { SocketHandle } from "./handle.ts";
import { socketInternals } from "./internals.ts";

/** What a `TLSSocket` has of the socket that carries it. */
const PROPERTIES = [
  "autoSelectFamilyAttemptedAddresses",
  "localAddress",
  "localFamily",
  "localPort",
  "remoteAddress",
  "remoteFamily",
  "remotePort",
] as const;

/** Defines the properties of a connection that are those of the stream below it. */
export function forward(prototype: object): void {
  for (const name of PROPERTIES) {
    define(prototype, name, (raw) => raw?.[name]);
  }
  Object.defineProperties(prototype, {
    bytesRead: getter((socket) => socketInternals.get(socket).core.bytesRead),
    bytesWritten: getter((socket) => bytesWritten(socket as Socket)),
    bufferSize: getter((socket) =>
      isOver(socket) ? undefined : (socket as Socket).writableLength
    ),
    ssl: getter((socket) => handleOf(socket)),
    _handle: getter((socket) => handleOf(socket)),
    pending: getter((socket) => isPending(socket as Socket)),
  });
}

/** The `net.Socket` that carries a `TLSSocket`, if it is one. */
export function rawOf(socket: object): Partial<Socket> | undefined {
  return socketInternals.get(socket).core.stream as Socket | undefined;
}

function define(
  prototype: object,
  name: string,
  read: (raw: Partial<Socket> | undefined) => unknown,
): void {
  Object.defineProperty(
    prototype,
    name,
    getter((socket) => read(rawOf(socket))),
  );
}

function getter(get: (socket: object) => unknown): PropertyDescriptor {
  return {
    get(this: object): unknown {
      return socketInternals.has(this) ? get(this) : undefined;
    },
    // Some runtimes' constructors begin by setting them.
    set(): void {},
    configurable: true,
    enumerable: false,
  };
}

function isOver(socket: object): boolean {
  return socketInternals.get(socket).core.isOver;
}

/** Gone with the connection. */
function handleOf(socket: object): SocketHandle | null {
  return isOver(socket) ? null : socketInternals.get(socket).handle;
}

/** What was given to the socket: also what waits. */
function bytesWritten(socket: Socket): number {
  return socketInternals.get(socket).core.bytesWritten + socket.writableLength;
}

function isPending(socket: Socket): boolean {
  return socket.connecting || rawOf(socket) === undefined;
}
