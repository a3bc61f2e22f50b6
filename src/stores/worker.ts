/**
 * A {@linkcode SessionStore} that the workers of one process share: one thread
 * owns a store and serves it, the others reach it over a port.
 *
 * @example
 * ```ts
 * import {
 *   serveSessionStore,
 *   WorkerSessionStore,
 * } from "@sesame/tls/stores/worker";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // In the thread that owns the store. A `Worker` will do for a port, too.
 * const { port1, port2 } = new MessageChannel();
 * const service = serveSessionStore(new MemorySessionStore(), port1);
 *
 * // In a worker that has been sent `port2`, or has `self` for a port.
 * const store = new WorkerSessionStore(port2);
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 *
 * store.close();
 * service.close();
 * port1.close();
 * ```
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkCount } from "./_options.ts";
import { Calls, type Posting } from "./worker/calls.ts";
import type { Fields, Page, Request } from "./worker/messages.ts";
import { checkPort, type SessionStorePort } from "./worker/port.ts";
import { SERVED_METHODS, type ServedMethod } from "./worker/service.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type {
  EmitterPort,
  EventPort,
  SessionStorePort,
} from "./worker/port.ts";
export {
  type ServedMethod,
  serveSessionStore,
  type ServeSessionStoreOptions,
  type SessionStoreService,
} from "./worker/service.ts";
export type * from "./session_store.ts";

/** Options of {@linkcode WorkerSessionStore}. */
export interface WorkerSessionStoreOptions {
  /**
   * Which optional methods there are: those that the served store has. `purge`
   * is always there; it removes nothing where the served store lacks it.
   *
   * @default {["take", "revoke", "entries"]}
   */
  methods?: readonly ServedMethod[];
  /**
   * How many calls may be without an answer, at least 1; any more fail at once.
   * A call that was aborted counts until the other side is done with it.
   *
   * @default {10_000}
   */
  maxPending?: number;
}

/**
 * Reaches a store that {@linkcode serveSessionStore} serves at the other side of
 * a port. A signal that is aborted tells the other side, and fails the call at
 * once; but `set` settles only when the served store is done with it.
 *
 * When the service is closed, pending calls fail, and so do all others from then
 * on; likewise when the port is closed, where the runtime tells. Deno tells the
 * main thread only, and only of channels that were made after this module was
 * loaded; none tells of a port that was closed before the store was made. Where
 * no one answers and no one tells, a call waits for its signal, and a `set` or a
 * call without a signal for ever: not more of them than `maxPending`.
 *
 * Records are transferred, not copied, which Cloudflare's ports don't support.
 * The port is the caller's to close. While it is open it may keep the program
 * running.
 */
export class WorkerSessionStore implements SessionStore {
  /** Looks a session up and removes it. */
  readonly take?: (
    id: Uint8Array,
    options?: SessionGetOptions,
  ) => Promise<Uint8Array | undefined>;
  /** Removes all sessions that were stored with a tag. */
  readonly revoke?: (options: SessionRevokeOptions) => Promise<number>;
  /**
   * Lists the sessions, some at a time. Of one port at most 16 lists can be read
   * at the same time: another one ends the oldest, whose reader then fails.
   */
  readonly entries?: () => AsyncGenerator<SessionEntry, void, void>;
  readonly #calls: Calls;

  /**
   * Makes a store of a port.
   *
   * @param port The port, or in a worker its `self`. Messages that are none of
   * ours are left to others.
   * @param options Which methods there are, and a limit.
   * @throws {TypeError} If the port is none, or an option is of the wrong type.
   * @throws {RangeError} If `maxPending` is not a whole number of at least 1.
   */
  constructor(port: SessionStorePort, options: WorkerSessionStoreOptions = {}) {
    checkPort(port);
    const { maxPending = 10_000, methods = SERVED_METHODS } = ownOptions(
      options,
      { methods: true, maxPending: true },
      { of: "WorkerSessionStore" },
    );
    this.#calls = new Calls(port, checkCount("maxPending", maxPending, 1));
    if (methods.includes("take")) {
      this.take = (id, options) => this.#find("take", id, options);
    }
    if (methods.includes("revoke")) {
      this.revoke = ({ tag }) => this.#revoke(tag);
    }
    if (methods.includes("entries")) this.entries = () => this.#list();
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the served store fails, or can't be reached any more.
   */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): Promise<Uint8Array | undefined> {
    return this.#find("get", id, options);
  }

  /**
   * Stores a session.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up: then
   * the served store is told, and the call still settles as that does.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is none.
   * @throws {Error} If the served store fails, or can't be reached any more.
   */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const prepare = (): Posting => {
      const own = ownOptions(options);
      const expiresAt = new Date(checkSetArguments(id, record, own));
      const { tag } = own;
      // A view would take the rest of its buffer along.
      const copy = new Uint8Array(record);
      return {
        request: {
          call: "set",
          id: new Uint8Array(id),
          record: copy,
          expiresAt,
          ...(tag === undefined ? {} : { tag }),
        },
        transfer: [copy.buffer],
      };
    };
    return this.#calls.make({
      what: "store the session",
      prepare,
      read: () => {},
      signal: options.signal,
      // What the owner has begun may yet be stored: this tells when it is done.
      waits: true,
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param reason Why it is removed.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the served store fails, or can't be reached any more.
   */
  delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    return this.#calls.make({
      what: "remove the session",
      prepare: () => ({ request: { call: "delete", id: copyOf(id), reason } }),
      read: () => {},
    });
  }

  /**
   * Frees the room of what has expired.
   *
   * @returns How many records were removed.
   * @throws {Error} If the served store fails, or can't be reached any more.
   */
  purge(): Promise<number> {
    return this.#calls.make({
      what: "remove what has expired",
      prepare: () => ({ request: { call: "purge" } }),
      read: Number,
    });
  }

  /**
   * Stops listening to the port: pending calls fail, and so do all from now on.
   * Does nothing the second time.
   */
  close(): void {
    this.#calls.close();
  }

  /** Same as {@linkcode WorkerSessionStore.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #find(
    call: "get" | "take",
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    return this.#calls.make({
      what: call === "get" ? "look the session up" : "take the session",
      prepare: () => ({ request: { call, id: copyOf(id) } }),
      read: bytesOf,
      signal: options.signal,
    });
  }

  #revoke(tag: string): Promise<number> {
    const prepare = (): Posting => {
      checkTag(tag);
      return { request: { call: "revoke", tag } };
    };
    return this.#calls.make({
      what: "revoke the sessions",
      prepare,
      read: Number,
    });
  }

  async *#list(): AsyncGenerator<SessionEntry, void, void> {
    const list = this.#calls.number();
    let call: { request: Request; n: number } | undefined = {
      request: { call: "list" },
      n: list,
    };
    try {
      while (call !== undefined) {
        const { request, n } = call;
        const page: Page = await this.#calls.make({
          what: "list the sessions",
          prepare: () => ({ request }),
          read: pageOf,
          n,
        });
        call = page.more
          ? { request: { call: "next", list }, n: this.#calls.number() }
          : undefined;
        yield* page.entries;
      }
    } finally {
      if (call !== undefined) this.#calls.cancel(list);
    }
  }
}

/** Not the id itself: a view would take the rest of its buffer along. */
function copyOf(id: Uint8Array): Uint8Array {
  checkId(id);
  return new Uint8Array(id);
}

function bytesOf(answer: unknown): Uint8Array | undefined {
  return answer instanceof Uint8Array ? answer : undefined;
}

function pageOf(answer: unknown): Page {
  const { entries, more } = Object(answer) as Fields;
  return {
    entries: Array.isArray(entries) ? entries : [],
    more: more === true,
  };
}
