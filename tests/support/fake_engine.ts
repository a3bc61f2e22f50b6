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
    outgoing: new FakeQueue(send),
    plaintext: new FakeQueue(() => new Uint8Array()),
  };
  connections.set(
    engine,
    { buffers, early: undefined } as unknown as Connection,
  );
  return engine;
}

/** A class: V8 makes the accessors of an object literal old (tests/testdata/collect_short_lived.ts). */
class FakeQueue implements Pick<ByteQueue, "isEmpty" | "takeAll"> {
  readonly #make: () => Uint8Array<ArrayBuffer>;
  #next = new Uint8Array();

  constructor(make: () => Uint8Array<ArrayBuffer>) {
    this.#make = make;
  }

  get isEmpty(): boolean {
    this.#next = this.#make();
    return this.#next.length === 0;
  }

  takeAll(): Uint8Array<ArrayBuffer> {
    return this.#next;
  }
}
