/**
 * A {@linkcode SessionStore} that the workers of a process share: one thread owns a store and serves
 * it, the others call it over a port.
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
 * // In the thread that owns the store. The port may also be a `Worker`.
 * const { port1, port2 } = new MessageChannel();
 * const service = serveSessionStore(new MemorySessionStore(), port1);
 *
 * // In a worker that has received `port2`. The port may also be its `self`.
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

import { checkedInteger } from "../internal/option_checks.ts";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { Calls, type OutgoingRequest } from "./worker/calls.ts";
import { readList } from "./worker/list_reader.ts";
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
   * The optional methods of the served store. `purge` always exists, and removes nothing if the
   * served store lacks it.
   *
   * @default {["take", "revoke", "entries"]}
   */
  methods?: readonly ServedMethod[];
  /**
   * The most pending calls, at least 1. Further calls fail at once. An aborted call is pending
   * until the other side has answered it.
   *
   * @default {10_000}
   */
  maxPending?: number;
}

/**
 * Calls a store that {@linkcode serveSessionStore} serves at the other end of a port. When a signal
 * is aborted, the other side is told and the call fails at once; but `set` settles only when the
 * served store has settled.
 *
 * When the service is closed, pending and later calls fail. The same holds when the port is closed,
 * if the runtime reports it: Deno does so in the main thread only, for channels that were created
 * after this module was loaded; no runtime reports a port that was closed before the store was
 * created. If there is neither an answer nor a report, a call is pending until its signal is
 * aborted, and a `set` or a call without a signal forever; `maxPending` limits their number.
 *
 * Records are transferred, which Cloudflare's ports don't support. The caller closes the port. An
 * open port may keep the program running.
 */
export class WorkerSessionStore implements SessionStore {
  /** Looks up a session and removes it. */
  readonly take?: (
    id: Uint8Array,
    options?: SessionGetOptions,
  ) => Promise<Uint8Array | undefined>;
  /** Removes all sessions that were stored with a tag. */
  readonly revoke?: (options: SessionRevokeOptions) => Promise<number>;
  /**
   * Lists the sessions, page by page. At most 16 lists can be read at the same time over one port: a
   * further one ends the oldest, whose reader fails.
   */
  readonly entries?: () => AsyncGenerator<SessionEntry, void, void>;
  readonly #calls: Calls;

  /**
   * Creates a store over a port.
   *
   * @param port The port, or the `self` of a worker. Other messages on it are ignored.
   * @param options The methods of the served store, and a limit.
   * @throws {TypeError} If `port` is not a port, or an option is of the wrong type.
   * @throws {RangeError} If `maxPending` is not a whole number of at least 1.
   */
  constructor(port: SessionStorePort, options: WorkerSessionStoreOptions = {}) {
    checkPort(port);
    const { maxPending = 10_000, methods = SERVED_METHODS } = ownOptions(
      options,
      { methods: true, maxPending: true },
      { of: "WorkerSessionStore" },
    );
    this.#calls = new Calls(
      port,
      checkedInteger(maxPending, "maxPending", { min: 1 }),
    );
    if (methods.includes("take")) {
      this.take = (id, options) => this.#find("take", id, options);
    }
    if (methods.includes("revoke")) {
      this.revoke = ({ tag }) => this.#revoke(tag);
    }
    if (methods.includes("entries")) this.entries = () => readList(this.#calls);
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the served store fails or can't be reached.
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
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal, which is passed to the served store: the call
   * settles when that does.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   * @throws {Error} If the served store fails or can't be reached.
   */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const prepare = (): OutgoingRequest => {
      const own = ownOptions(options);
      const expiresAt = new Date(checkSetArguments(id, record, own));
      const { tag } = own;
      // A copy: a view would be sent with the rest of its buffer.
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
      action: "store the session",
      prepare,
      read: () => {},
      signal: options.signal,
      // The record may be stored in spite of the abort: the caller must know when.
      waitsForAnswer: true,
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param reason The reason.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the served store fails or can't be reached.
   */
  delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    return this.#calls.make({
      action: "remove the session",
      prepare: () => ({ request: { call: "delete", id: copyOf(id), reason } }),
      read: () => {},
    });
  }

  /**
   * Removes expired records.
   *
   * @returns The number of removed records.
   * @throws {Error} If the served store fails or can't be reached.
   */
  purge(): Promise<number> {
    return this.#calls.make({
      action: "remove expired sessions",
      prepare: () => ({ request: { call: "purge" } }),
      read: Number,
    });
  }

  /**
   * Stops listening to the port. Pending and later calls fail. Does nothing the second time.
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
      action: call === "get" ? "look up the session" : "take the session",
      prepare: () => ({ request: { call, id: copyOf(id) } }),
      read: bytesOf,
      signal: options.signal,
    });
  }

  #revoke(tag: string): Promise<number> {
    const prepare = (): OutgoingRequest => {
      checkTag(tag);
      return { request: { call: "revoke", tag } };
    };
    return this.#calls.make({
      action: "revoke the sessions",
      prepare,
      read: Number,
    });
  }
}

/** A copy: a view would be sent with the rest of its buffer. */
function copyOf(id: Uint8Array): Uint8Array {
  checkId(id);
  return new Uint8Array(id);
}

function bytesOf(answer: unknown): Uint8Array | undefined {
  return answer instanceof Uint8Array ? answer : undefined;
}
