import type {
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
  SessionStore,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { turn } from "../testdata/async_store.ts";

export { turn };

/** A call that a store has had. */
export interface StoreCall {
  readonly operation: "get" | "take" | "set" | "delete";
  readonly id: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly reason?: RemovalReason;
}

/** Answers a call: `act` gives the answer of an honest store. */
export type StoreHandler = (call: StoreCall, act: () => unknown) => unknown;

/** Answers each call at once, as it should. */
export const honest: StoreHandler = (_call, act) => act();

/** A store that remembers what it was asked, and answers as the test says. */
export class ProbedStore implements SessionStore {
  readonly inner: MemorySessionStore;
  readonly calls: StoreCall[] = [];
  handle: StoreHandler = honest;

  constructor(now: () => number = Date.now) {
    this.inner = new MemorySessionStore({ now });
  }

  get(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Uint8Array | undefined {
    return this.#do({ operation: "get", id, signal }, () => this.inner.get(id));
  }

  take(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Uint8Array | undefined {
    return this.#do(
      { operation: "take", id, signal },
      () => this.inner.take(id),
    );
  }

  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const { signal } = options;
    return this.#do(
      { operation: "set", id, signal },
      () => this.inner.set(id, record, options),
    );
  }

  delete(id: Uint8Array, reason: RemovalReason): void {
    return this.#do(
      { operation: "delete", id, reason },
      () => this.inner.delete(id, reason),
    );
  }

  /** The calls of one operation, the oldest first. */
  of(operation: StoreCall["operation"]): StoreCall[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  /** The ids of one operation's calls, as text. */
  ids(operation: StoreCall["operation"]): string[] {
    return this.of(operation).map(({ id }) => id.join());
  }

  #do<T>(call: StoreCall, act: () => T): T {
    this.calls.push({ ...call, id: new Uint8Array(call.id) });
    return this.handle(call, act) as T;
  }
}

/** Answers each call a turn of the event loop later. */
export const later: StoreHandler = async (_call, act) => {
  await turn();
  return act();
};

/** A handler that holds the calls of an operation back until it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #operation: StoreCall["operation"];

  constructor(operation: StoreCall["operation"]) {
    this.#operation = operation;
  }

  /** Lets the calls go on that wait, and all that come. */
  open(): void {
    this.#opened.resolve();
  }

  /** Fails the calls that wait, and all that come. */
  fail(): void {
    this.#opened.reject(new Error("The gate has failed"));
  }

  /** The handler. */
  readonly handle: StoreHandler = (call, act) =>
    call.operation === this.#operation ? this.#opened.promise.then(act) : act();
}
