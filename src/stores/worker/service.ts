import { wipe } from "../../internal/byte_view.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { settle } from "../../internal/maybe_promise.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import {
  type Answer,
  farewell,
  type Fields,
  fieldsOf,
  messageOf,
  numberOf,
  type Page,
  transferable,
} from "./messages.ts";
import { ServedLists } from "./lists.ts";
import { checkPort, listenTo, type SessionStorePort } from "./port.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionStore,
} from "../session_store.ts";

/** An optional method of a {@linkcode SessionStore} that can be served. */
export type ServedMethod = "take" | "revoke" | "entries";

/** All of them. */
export const SERVED_METHODS: readonly ServedMethod[] = [
  "take",
  "revoke",
  "entries",
];

/** Options of {@linkcode serveSessionStore}. */
export interface ServeSessionStoreOptions {
  /**
   * Which optional methods the workers' stores have: the same as theirs.
   *
   * @default {["take", "revoke", "entries"]}
   */
  methods?: readonly ServedMethod[];
}

/** A store that is served to a worker. */
export interface SessionStoreService extends Disposable {
  /**
   * Ends the service: what the worker has asked for, or asks from now on, fails.
   * Leaves the port and the store as they are. Does nothing the second time.
   */
  close(): void;
}

/** All there are, to tell them from other strings. */
const REASONS: Readonly<Record<RemovalReason, true>> = {
  "expired": true,
  "evicted": true,
  "fatal": true,
  "unclean": true,
  "consumed": true,
  "context-closed": true,
  "damaged": true,
  "revoked": true,
};

/**
 * Answers the calls of a `WorkerSessionStore` at the other side of a port, until
 * the service is closed, or the port is. To serve several workers, call this for
 * each.
 *
 * A runtime may not tell that a worker has ended: close its service then.
 *
 * @param store Where the sessions are.
 * @param port The port, or the `Worker`. Messages that are none of ours are left
 * to others.
 * @param options Which methods the store must have.
 * @returns The service.
 * @throws {TypeError} If the port is none, the store lacks a method, or there
 * is no option of a name.
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
      `Cannot serve the session store: it has no ${method}; leave that out of methods, here and in WorkerSessionStore`,
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
    this.#port.postMessage(farewell(), []);
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
        // A store that lacks it never has any to free.
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
    // Checked in the next line.
    const { id, record, expiresAt, tag } = ownOptions(fields) as {
      id: Uint8Array;
      record: Uint8Array;
      expiresAt: Date;
      tag?: string;
    };
    const options = { expiresAt, ...(tag === undefined ? {} : { tag }) };
    checkSetArguments(id, record, ownOptions(options));
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
    this.#lists.begin(n, entries);
    return this.#lists.nextPage(n, signal);
  }

  #answer(n: number, signal: AbortSignal, answer: Answer): void {
    this.#calls.delete(n);
    const found = "answer" in answer ? answer.answer : undefined;
    if (!(found instanceof Uint8Array)) {
      // Of a call that was cancelled too: a worker counts what is pending.
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
      this.#port.postMessage(messageOf(n, answer), transfer);
    } catch (error) {
      // The store's answer is nothing that can cross.
      this.#port.postMessage(messageOf(n, failure(error)), []);
    }
  }
}

/** Without the stack: it tells of the other side. */
function failure(error: unknown): Answer {
  const { name, message } = error instanceof Error
    ? error
    : new Error(String(error));
  return { error: { name, message } };
}

function lacking(method: ServedMethod): Error {
  return new TypeError(
    `Cannot use the session store: the one that is served has no ${method}`,
  );
}

function idOf(fields: Fields): Uint8Array {
  const id = fields["id"] as Uint8Array;
  checkId(id);
  return id;
}

function tagOf(fields: Fields): string {
  const tag = fields["tag"] as string;
  checkTag(tag);
  return tag;
}

function reasonOf({ reason }: Fields): RemovalReason {
  if (typeof reason === "string" && Object.hasOwn(REASONS, reason)) {
    return reason as RemovalReason;
  }
  throw new TypeError("Cannot remove the session: unknown reason");
}
