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

/** The facts of a call when it is made. */
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

/** The recorded calls of a store. */
export class CallLog {
  /** The calls in the order in which they were made. */
  calls: StoreCall[] = [];
  readonly #now: () => number;
  readonly #keepRecords: boolean;
  readonly #waiters = new Set<Waiter>();

  /** Creates an empty log. */
  constructor(now: () => number, keepRecords: boolean) {
    this.#now = now;
    this.#keepRecords = keepRecords;
  }

  /** The calls of one operation. */
  of(operation: StoreMethod): StoreCall[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  /** Resolves to the ended calls of one operation once there are `count` of them. */
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

  /** Adds the record that a call stores or has found. */
  note(call: OpenCall, record: Uint8Array | undefined): void {
    if (!(record instanceof Uint8Array)) return;
    call.size = record.length;
    if (this.#keepRecords) keepRecord(call, record);
  }

  /** Makes a call and records its outcome. Its answer or error is passed on. */
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

  /** Records the end of a call. */
  close(call: OpenCall, facts: Partial<StoreCall>): void {
    Object.assign(call, facts, { duration: this.#now() - call.at });
    this.#wake();
  }

  /** The calls, one per line. */
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
