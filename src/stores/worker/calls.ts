import { ownOptions } from "../../internal/own_options.ts";
import {
  callMessage,
  type Fields,
  fieldsOf,
  numberOf,
  type Request,
} from "./messages.ts";
import { listenTo, type SessionStorePort } from "./port.ts";

/** A request, and the buffers that are transferred with it. */
export interface OutgoingRequest {
  readonly request: Request;
  readonly transfer?: ArrayBuffer[];
}

/** A call of the served store. */
export interface Call<T> {
  /** The action, for errors: "Cannot <action>: …". */
  readonly action: string;
  /** Checks and copies the arguments. */
  readonly prepare: () => OutgoingRequest;
  /** Returns the result of an answer. */
  readonly read: (answer: unknown) => T;
  readonly signal?: AbortSignal | undefined;
  /** Whether an aborted call still settles with its answer. */
  readonly waitsForAnswer?: boolean;
  /** The number of the call, if it was chosen before. */
  readonly n?: number;
}

/** A call without an answer yet. */
interface Pending {
  readonly answered: (fields: Fields) => void;
  readonly failed: (reason: string) => void;
}

/** A call that was aborted, until the owner answers. */
const ABANDONED: Pending = { answered: () => {}, failed: () => {} };

/** The calls over a port. */
export class Calls {
  readonly #port: SessionStorePort;
  readonly #stopListening: () => void;
  readonly #maxPending: number;
  /** The calls without an answer, including aborted ones. */
  readonly #pending = new Map<number, Pending>();
  /** Starts at a random number, as another store may use the same port. */
  #nextNumber = Math.floor(Math.random() * 2 ** 48);
  /** The reason why no more calls are possible. */
  #ended: string | undefined;

  constructor(port: SessionStorePort, maxPending: number) {
    this.#port = port;
    this.#maxPending = maxPending;
    this.#stopListening = listenTo(port, {
      message: (data) => this.#receive(data),
      closed: () => this.#end("the port is closed"),
    });
  }

  /** Chooses the number of a call. */
  number(): number {
    return this.#nextNumber++;
  }

  /** Makes a call. Settles with the answer, or when the signal is aborted. */
  make<T>(call: Call<T>): Promise<T> {
    const {
      action,
      prepare,
      read,
      signal,
      waitsForAnswer = false,
      n = this.number(),
    } = ownOptions(call);
    return new Promise((resolve, reject) => {
      const { request, transfer } = prepare();
      const obstacle = this.#obstacle();
      if (obstacle !== undefined) {
        throw new Error(`Cannot ${action}: ${obstacle}`);
      }
      signal?.throwIfAborted();

      const aborted = (): void => {
        if (!waitsForAnswer) {
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
      // Before it is posted: some ports deliver the answer at once.
      this.#pending.set(n, {
        answered: ({ answer, error }) =>
          settle(() => {
            if (error === undefined) resolve(read(answer));
            else reject(errorOf(error));
          }),
        failed: (reason) =>
          settle(() => reject(new Error(`Cannot ${action}: ${reason}`))),
      });
      try {
        this.#post(n, request, transfer);
      } catch (error) {
        this.#pending.delete(n);
        settle(() => reject(error));
      }
    });
  }

  /** Cancels a call, or the list that it started. */
  cancel(n: number): void {
    this.#post(n, { call: "cancel" });
  }

  /** Stops listening. All calls fail. */
  close(): void {
    if (this.#ended !== undefined) return;
    for (const n of this.#pending.keys()) this.cancel(n);
    this.#end("the session store is closed");
  }

  #post(n: number, request: Request, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(callMessage(n, request), transfer);
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

  /** The reason why no call can be made now. */
  #obstacle(): string | undefined {
    if (this.#ended !== undefined) return this.#ended;
    return this.#pending.size < this.#maxPending
      ? undefined
      : `${this.#maxPending} calls are pending; check that the store is served`;
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
