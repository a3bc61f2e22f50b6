import { wipe } from "../../internal/byte_view.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { settle } from "../../internal/maybe_promise.ts";
import { ServedLists } from "./lists.ts";
import {
  type Answer,
  callMessage,
  closedMessage,
  type Fields,
  fieldsOf,
  numberOf,
  type Page,
  transferable,
} from "./messages.ts";
import { checkPort, listenTo, type SessionStorePort } from "./port.ts";
import { idOf, reasonOf, setArgumentsOf, tagOf } from "./request_fields.ts";
import type { MaybePromise, SessionStore } from "../session_store.ts";

/** An optional method of a {@linkcode SessionStore} that can be served. */
export type ServedMethod = "take" | "revoke" | "entries";

/** All optional methods. */
export const SERVED_METHODS: readonly ServedMethod[] = [
  "take",
  "revoke",
  "entries",
];

/** Options of {@linkcode serveSessionStore}. */
export interface ServeSessionStoreOptions {
  /**
   * The optional methods of the served store, which must be the same as in
   * `WorkerSessionStoreOptions`.
   *
   * @default {["take", "revoke", "entries"]}
   */
  methods?: readonly ServedMethod[];
}

/** A store that is served to a worker. */
export interface SessionStoreService extends Disposable {
  /**
   * Ends the service. The worker's pending and later calls fail. The port and the store stay open.
   * Does nothing the second time.
   */
  close(): void;
}

/**
 * Answers the calls of a `WorkerSessionStore` at the other end of a port, until the service or the
 * port is closed. Each worker needs its own service and port.
 *
 * Some runtimes don't report the end of a worker: close its service then.
 *
 * @param store The store to serve.
 * @param port The port, or the `Worker`. Other messages on it are ignored.
 * @param options The methods of the store.
 * @returns The service.
 * @throws {TypeError} If `port` is not a port, the store lacks a method, or there is no option of a
 * name.
 */
export function serveSessionStore(
  store: SessionStore,
  port: SessionStorePort,
  options: ServeSessionStoreOptions = {},
): SessionStoreService {
  checkPort(port);
  const own = ownOptions(options, { methods: true }, {
    of: "serveSessionStore",
  });
  for (const method of own.methods ?? SERVED_METHODS) {
    if (typeof store[method] === "function") continue;
    throw new TypeError(
      `Cannot serve the session store: it has no method ${method}; leave it out of options.methods, here and in WorkerSessionStore`,
    );
  }
  return new Service(store, port);
}

class Service implements SessionStoreService {
  readonly #store: SessionStore;
  readonly #port: SessionStorePort;
  readonly #stopListening: () => void;
  readonly #calls = new Map<number, AbortController>();
  readonly #lists = new ServedLists();
  #closed = false;

  constructor(store: SessionStore, port: SessionStorePort) {
    this.#store = store;
    this.#port = port;
    this.#stopListening = listenTo(port, {
      message: (data) => this.#receive(data),
      closed: () => this.close(),
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    this.#port.postMessage(closedMessage(), []);
    const reason = new Error("The session store is no longer served");
    for (const controller of this.#calls.values()) controller.abort(reason);
    this.#lists.endAll();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(message: unknown): void {
    const fields = fieldsOf(message);
    const n = fields && numberOf(fields);
    if (n === undefined || typeof fields?.["call"] !== "string") return;
    if (fields["call"] === "cancel") return this.#cancel(n);
    if (this.#calls.has(n)) return;
    const controller = new AbortController();
    this.#calls.set(n, controller);
    settle(
      () => this.#perform(n, fields, controller.signal),
      (answer) => this.#answer(n, controller.signal, { answer }),
      (error) => this.#answer(n, controller.signal, failure(error)),
    );
  }

  #cancel(n: number): void {
    this.#calls.get(n)?.abort();
    this.#lists.end(n);
  }

  #perform(
    n: number,
    fields: Fields,
    signal: AbortSignal,
  ): MaybePromise<unknown> {
    const store = this.#store;
    switch (fields["call"]) {
      case "get":
        return store.get(idOf(fields), { signal });
      case "take":
        if (store.take === undefined) throw lacking("take");
        return store.take(idOf(fields), { signal });
      case "set":
        return this.#set(fields, signal);
      case "delete":
        return store.delete(idOf(fields), reasonOf(fields));
      case "revoke":
        if (store.revoke === undefined) throw lacking("revoke");
        return store.revoke({ tag: tagOf(fields) });
      case "purge":
        // A store without it has no expired records to remove.
        return store.purge?.() ?? 0;
      case "list":
        return this.#list(n, signal);
      case "next":
        return this.#lists.nextPage(fields["list"], signal);
      default:
        throw new TypeError("Cannot use the session store: unknown call");
    }
  }

  #set(fields: Fields, signal: AbortSignal): MaybePromise<void> {
    const { id, record, options } = setArgumentsOf(fields);
    return settle(
      () => this.#store.set(id, record, { ...options, signal }),
      () => wipe(record),
      (error) => {
        wipe(record);
        throw error;
      },
    );
  }

  #list(n: number, signal: AbortSignal): Promise<Page> {
    const entries = this.#store.entries?.();
    if (entries === undefined) throw lacking("entries");
    this.#lists.start(n, entries);
    return this.#lists.nextPage(n, signal);
  }

  #answer(n: number, signal: AbortSignal, answer: Answer): void {
    this.#calls.delete(n);
    const found = "answer" in answer ? answer.answer : undefined;
    if (!(found instanceof Uint8Array)) {
      // Cancelled calls are answered, too: the worker counts pending calls.
      if (!this.#closed) this.#post(n, answer, []);
    } else if (this.#closed || signal.aborted) {
      wipe(found);
      if (!this.#closed) this.#post(n, { answer: undefined }, []);
    } else {
      const record = transferable(found);
      this.#post(n, { answer: record }, [record.buffer]);
    }
  }

  #post(n: number, answer: Answer, transfer: ArrayBuffer[]): void {
    try {
      this.#port.postMessage(callMessage(n, answer), transfer);
    } catch (error) {
      // The answer of the store can't be cloned.
      this.#port.postMessage(callMessage(n, failure(error)), []);
    }
  }
}

/** An error without its stack, which shows the paths of this side. */
function failure(error: unknown): Answer {
  const { name, message } = error instanceof Error
    ? error
    : new Error(String(error));
  return { error: { name, message } };
}

function lacking(method: ServedMethod): Error {
  return new TypeError(
    `Cannot use the session store: the served store has no method ${method}`,
  );
}
