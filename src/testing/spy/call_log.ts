import { Deferred } from "../../internal/deferred.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import {
  keepRecord,
  lineOf,
  type OpenCall,
  type StoreCall,
} from "./spied_call.ts";
import type { StoreMethod } from "../_store_calls.ts";

/** What is known of a call when it is made. */
export interface CallFacts extends
  Pick<
    StoreCall,
    "operation" | "expiresAt" | "tag" | "reason"
  > {
  readonly id?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly operation: StoreMethod;
  readonly count: number;
  readonly resolve: (calls: StoreCall[]) => void;
}

/** The calls of a store, and those who wait for them. */
export class CallLog {
  /** In the order in which they were made. */
  calls: StoreCall[] = [];
  readonly #now: () => number;
  readonly #keepRecords: boolean;
  readonly #waiters = new Set<Waiter>();

  /** By this clock, with the records or without. */
  constructor(now: () => number, keepRecords: boolean) {
    this.#now = now;
    this.#keepRecords = keepRecords;
  }

  /** The calls of one operation. */
  of(operation: StoreMethod): StoreCall[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  /** Those of one operation that have ended, once there are so many. */
  waitFor(operation: StoreMethod, count: number): Promise<StoreCall[]> {
    const { promise, resolve } = new Deferred<StoreCall[]>();
    this.#waiters.add({ operation, count, resolve });
    this.#wake();
    return promise;
  }

  /** Records a call that begins. */
  open(given: CallFacts): OpenCall {
    const { id, signal, ...facts } = ownOptions(given);
    const call: OpenCall = {
      ...facts,
      ...(id instanceof Uint8Array && { id: new Uint8Array(id) }),
      ...(signal && { signal }),
      at: this.#now(),
      outcome: "pending",
    };
    this.calls.push(call);
    return call;
  }

  /** Records what a call stores or has found. */
  note(call: OpenCall, record: Uint8Array | undefined): void {
    if (!(record instanceof Uint8Array)) return;
    call.size = record.length;
    if (this.#keepRecords) keepRecord(call, record);
  }

  /** Makes a call: its answer, or failure, is the caller's as it is. */
  watch<T>(
    call: OpenCall,
    act: () => MaybePromise<T>,
    facts: (answer: T) => Partial<StoreCall>,
  ): MaybePromise<T> {
    const succeed = (answer: T): T => {
      this.close(call, facts(answer));
      return answer;
    };
    const fail = (error: unknown): never => {
      this.close(call, { outcome: "error", error });
      throw error;
    };
    let answer: MaybePromise<T>;
    try {
      answer = act();
    } catch (error) {
      return fail(error);
    }
    if (!isPromise(answer)) return succeed(answer);
    return Promise.resolve(answer).then(succeed, fail);
  }

  /** Records how a call has ended. */
  close(call: OpenCall, facts: Partial<StoreCall>): void {
    Object.assign(call, facts, { duration: this.#now() - call.at });
    this.#wake();
  }

  /** One call a line. */
  toString(): string {
    return this.calls.map(lineOf).join("\n");
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      const ended = this.of(waiter.operation)
        .filter(({ outcome }) => outcome !== "pending");
      if (ended.length < waiter.count) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(ended);
    }
  }
}
