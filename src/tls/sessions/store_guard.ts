import { wipe } from "../../internal/byte_view.ts";
import { latin1 } from "../../internal/bytes.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionSetOptions,
  SessionStore,
} from "../../stores/session_store.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import { Cancellation, DeadlineError, STORE, TimedCalls } from "./deadline.ts";
import { notify } from "../../internal/notify.ts";
import type { ResumptionFailure } from "./resumption.ts";
import { decodeSessionRecord, type SessionRecord } from "./session_record.ts";
import type { SessionCounters } from "./session_stats.ts";
import type {
  LookupOperation,
  StoreErrorListener,
  StoreOperation,
} from "./store_operations.ts";

/** How a context uses its store. */
export interface StoreGuardSettings {
  /** The store. */
  readonly store: SessionStore;
  /** The most milliseconds that a look-up may take. */
  readonly lookupTimeout: number;
  /** The most milliseconds that a write may take. */
  readonly writeTimeout: number;
  /** Called when the store fails. */
  readonly onStoreError: StoreErrorListener;
}

/** The result of a look-up: a record, or why there is none. */
export type Lookup =
  | { readonly record: SessionRecord }
  | { readonly failure: ResumptionFailure };

/** A look-up, pending or done. */
export interface LookupRequest {
  /** The result. It never rejects. */
  readonly answer: MaybePromise<Lookup>;
  /** Drops the result. */
  abandon(): void;
}

/** A write, pending or done. */
export interface WriteRequest {
  /** Resolves when the store has the session, has failed, or `writeTimeout` has passed. */
  readonly answer: MaybePromise<void>;
  /** Resolves when the store has finished, even after `writeTimeout`. */
  readonly ended: MaybePromise<void>;
}

/** A look-up for all connections that ask for the same id at the same time. */
class SharedRequest implements LookupRequest {
  readonly #cancellation: Cancellation;
  readonly answer: Promise<Lookup>;
  #waiting = 0;

  constructor(answer: Promise<Lookup>, cancellation: Cancellation) {
    this.answer = answer;
    this.#cancellation = cancellation;
  }

  /** One more connection waits. */
  join(): void {
    this.#waiting++;
  }

  /** One connection less waits: if none is left, the store's call is cancelled. */
  abandon(): void {
    if (--this.#waiting === 0) abandon(this.#cancellation);
  }
}

/**
 * The guard around a store: it limits how long calls take, checks records, counts, and turns
 * failures into reports. No method throws or rejects.
 */
export class StoreGuard {
  readonly #settings: StoreGuardSettings;
  readonly #counters: SessionCounters;
  readonly #lookups: TimedCalls;
  readonly #writes: TimedCalls;
  /** Deletion empties the box of an entry: see docs/short-lived-objects.md. */
  readonly #shared = new Map<string, { request: SharedRequest | undefined }>();

  /** For one context. */
  constructor(settings: StoreGuardSettings, counters: SessionCounters) {
    this.#settings = settings;
    this.#counters = counters;
    this.#lookups = new TimedCalls(STORE, settings.lookupTimeout);
    this.#writes = new TimedCalls(STORE, settings.writeTimeout);
  }

  /** Looks a session up. Requests for the same id at the same time are one call. */
  get(id: Uint8Array): LookupRequest {
    const key = latin1(id);
    const request = this.#shared.get(key)?.request ?? this.#share(key, id);
    if (request instanceof SharedRequest) request.join();
    return request;
  }

  /** Looks a session up and removes it. */
  take(id: Uint8Array): LookupRequest {
    const cancellation = new Cancellation();
    return {
      answer: this.#ask("take", id, cancellation),
      abandon: () => abandon(cancellation),
    };
  }

  /** Stores a session, and wipes the record when the store is done with it. */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): WriteRequest {
    const { store } = this.#settings;
    this.#counters.writes++;
    let ended: MaybePromise<void> = undefined;
    const answer = this.#attempt<void>(
      "set",
      () =>
        this.#writes.ask(new Cancellation(), (signal) => {
          const written = store.set(id, record, { ...options, signal });
          if (!isPromise(written)) return;
          ended = Promise.resolve(written).then(() => {}, () => {});
          return written;
        }),
      () => {},
    );
    if (isPromise(ended)) ended = ended.then(() => wipe(record));
    else wipe(record);
    return { answer, ended };
  }

  /** Deletes a session. */
  delete(id: Uint8Array, reason: RemovalReason): void {
    const { store } = this.#settings;
    this.#counters.deletions++;
    // A later request must not share a result from before.
    this.#shared.delete(latin1(id));
    this.#attempt<void>(
      "delete",
      () =>
        this.#writes.ask(new Cancellation(), () => store.delete(id, reason)),
      () => {},
    );
  }

  #share(key: string, id: Uint8Array): SharedRequest | LookupRequest {
    const box: { request: SharedRequest | undefined } = { request: undefined };
    const forget = (): void => {
      box.request = undefined;
      if (this.#shared.get(key) === box) this.#shared.delete(key);
    };
    const cancellation = new Cancellation(forget);
    const answer = this.#ask("get", id, cancellation);
    if (!isPromise(answer)) return { answer, abandon: () => {} };
    box.request = new SharedRequest(
      answer.then((lookup) => {
        forget();
        return lookup;
      }),
      cancellation,
    );
    this.#shared.set(key, box);
    return box.request;
  }

  #ask(
    operation: LookupOperation,
    id: Uint8Array,
    cancellation: Cancellation,
  ): MaybePromise<Lookup> {
    const { store } = this.#settings;
    this.#counters.lookups++;
    const judge = (bytes: Uint8Array | undefined): Lookup =>
      this.#judge(operation, id, bytes);
    return this.#attempt<Lookup>(
      operation,
      () => {
        const answer = this.#lookups.ask(
          cancellation,
          (signal) => store[operation]?.(id, { signal }),
        );
        return isPromise(answer) ? answer.then(judge) : judge(answer);
      },
      (failure) => ({ failure }),
    );
  }

  #judge(
    operation: LookupOperation,
    id: Uint8Array,
    bytes: Uint8Array | undefined,
  ): Lookup {
    // Clients of databases return null.
    if (bytes === undefined || bytes === null) {
      return { failure: "unknown-id" };
    }
    const record = decodeSessionRecord(bytes);
    if (typeof record === "string") {
      const isDamaged = record === "damaged";
      this.report(
        new TypeError(
          isDamaged
            ? "The store returned a damaged session record"
            : "The store returned something else than a session record",
        ),
        operation,
      );
      // A record of another version may be of use to another server.
      if (isDamaged && operation === "get") this.delete(id, "damaged");
      return { failure: "malformed-record" };
    }
    return { record };
  }

  /** Reports a failure of the store, and counts it. */
  report(error: unknown, operation: StoreOperation): void {
    this.#counters.storeErrors++;
    notify(
      "onStoreError",
      () => this.#settings.onStoreError(error, operation),
    );
  }

  /** The result of `action`; if it fails, that is reported, and the result is `instead`. */
  #attempt<T>(
    operation: StoreOperation,
    action: () => MaybePromise<T>,
    instead: (failure: ResumptionFailure) => T,
  ): MaybePromise<T> {
    const fail = (error: unknown): T => {
      if (!(error instanceof AbandonedError)) this.report(error, operation);
      return instead(
        error instanceof DeadlineError ? "deadline" : "store-failed",
      );
    };
    try {
      const answer = action();
      return isPromise(answer) ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  }
}

/** The connection has ended: not a failure of the store. */
class AbandonedError extends Error {
  override readonly name = "AbandonedError";
}

function abandon(cancellation: Cancellation): void {
  cancellation.cancel(new AbandonedError("The connection has ended"));
}
