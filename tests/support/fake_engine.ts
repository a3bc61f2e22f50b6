/**
 * Engines that do what a test says, for the tests of src/tls/socket.
 *
 * @module
 */
import type { ByteQueue } from "../../src/tls/engine/byte_queue.ts";
import {
  type Connection,
  connections,
} from "../../src/tls/engine/connection.ts";
import type { TlsEngine } from "../../src/tls/engine/engine.ts";

/** An engine that has nothing to send, to read or to wait for, but for `members`. */
export function fakeEngine(
  members: Partial<TlsEngine> = {},
  send: () => Uint8Array<ArrayBuffer> = () => new Uint8Array(),
): TlsEngine {
  const engine = {
    info: null,
    error: null,
    pending: null,
    peerClosed: false,
    isAsking: false,
    receive: () => {},
    endOfInput: () => {},
    takeSessions: () => [],
    [Symbol.dispose]: () => {},
    ...members,
  } as unknown as TlsEngine;
  const buffers = {
    outgoing: queueOf(send),
    plaintext: queueOf(() => new Uint8Array()),
  };
  connections.set(engine, { buffers, early: undefined } as Connection);
  return engine;
}

function queueOf(make: () => Uint8Array<ArrayBuffer>): ByteQueue {
  let next = new Uint8Array();
  return {
    get isEmpty(): boolean {
      next = make();
      return next.length === 0;
    },
    takeAll: () => next,
  } as ByteQueue;
}
