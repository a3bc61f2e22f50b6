import { ownOptions } from "../../internal/own_options.ts";
import {
  type Fields,
  fieldsOf,
  messageOf,
  numberOf,
  type Request,
} from "./messages.ts";
import { listenTo, type SessionStorePort } from "./port.ts";

/** What to ask the owner of the store. */
export interface Posting {
  readonly request: Request;
  readonly transfer?: ArrayBuffer[];
}

/** A call, and what to make of its answer. */
export interface Call<T> {
  /** What is done, for "Cannot ...". */
  readonly what: string;
  /** Checks the arguments, and copies them. */
  readonly prepare: () => Posting;
  readonly read: (answer: unknown) => T;
  readonly signal?: AbortSignal | undefined;
  /** Whether it settles with the answer only, though its signal is aborted. */
  readonly waits?: boolean;
  /** The call's number, if it is to be known before. */
  readonly n?: number;
}

/** A call that waits for its answer. */
interface Pending {
  readonly answered: (fields: Fields) => void;
  readonly failed: (reason: string) => void;
}

/** A call that no one waits for, until the owner is done with it. */
const ABANDONED: Pending = { answered: () => {}, failed: () => {} };

/** The calls that are made over a port. */
export class Calls {
  readonly #port: SessionStorePort;
  readonly #stopListening: () => void;
  readonly #maxPending: number;
  /** Those without an answer, of those that were aborted too. */
  readonly #pending = new Map<number, Pending>();
  /** Not from 0: another store may use the same port. */
  #nextNumber = Math.floor(Math.random() * 2 ** 48);
  /** Why no call is possible any more. */
  #ended: string | undefined;

  constructor(port: SessionStorePort, maxPending: number) {
    this.#port = port;
    this.#maxPending = maxPending;
    this.#stopListening = listenTo(port, {
      message: (data) => this.#receive(data),
      closed: () => this.#end("the port is closed"),
    });
  }

  /** A number for a call. */
  number(): number {
    return this.#nextNumber++;
  }

  /** Makes a call; it settles with the answer, or when its signal is aborted. */
  make<T>(call: Call<T>): Promise<T> {
    const { what, prepare, read, signal, waits = false, n = this.number() } =
      ownOptions(call);
    return new Promise((resolve, reject) => {
      const { request, transfer } = prepare();
      const obstacle = this.#obstacle();
      if (obstacle !== undefined) {
        throw new Error(`Cannot ${what}: ${obstacle}`);
      }
      signal?.throwIfAborted();

      const aborted = (): void => {
        if (!waits) {
          this.#pending.set(n, ABANDONED);
          reject(signal?.reason);
        }
        this.cancel(n);
      };
      const settle = (act: () => void): void => {
        signal?.removeEventListener("abort", aborted);
        act();
      };
      signal?.addEventListener("abort", aborted, { once: true });
      // Before it is posted, as some ports bring the answer at once.
      this.#pending.set(n, {
        answered: ({ answer, error }) =>
          settle(() => {
            if (error === undefined) resolve(read(answer));
            else reject(errorOf(error));
          }),
        failed: (reason) =>
          settle(() => reject(new Error(`Cannot ${what}: ${reason}`))),
      });
      try {
        this.#post(n, request, transfer);
      } catch (error) {
        this.#pending.delete(n);
        settle(() => reject(error));
      }
    });
  }

  /** Says that no one waits for a call any more, or reads the list that it began. */
  cancel(n: number): void {
    this.#post(n, { call: "cancel" });
  }

  /** Stops listening; all calls fail. */
  close(): void {
    if (this.#ended !== undefined) return;
    for (const n of this.#pending.keys()) this.cancel(n);
    this.#end("the session store is closed");
  }

  #post(n: number, request: Request, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(messageOf(n, request), transfer);
  }

  #receive(message: unknown): void {
    const fields = fieldsOf(message);
    if (fields === undefined) return;
    if (fields["closed"] === true) {
      return this.#end("it is no longer served");
    }
    const n = numberOf(fields);
    if (n === undefined || !("answer" in fields || "error" in fields)) return;
    const pending = this.#pending.get(n);
    this.#pending.delete(n);
    pending?.answered(fields);
  }

  /** Why no call can be made now. */
  #obstacle(): string | undefined {
    if (this.#ended !== undefined) return this.#ended;
    return this.#pending.size < this.#maxPending
      ? undefined
      : `${this.#maxPending} calls wait for an answer already; is the store served?`;
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#stopListening();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { failed } of pending) failed(reason);
  }
}

function errorOf(error: unknown): Error {
  const { name, message } = Object(error) as Fields;
  const result = new Error(String(message));
  result.name = String(name);
  return result;
}
