import {
  type Fields,
  fieldsOf,
  messageOf,
  numberOf,
  type Request,
} from "./_worker_messages.ts";
import { listenTo, type SessionStorePort } from "./_worker_port.ts";

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
  /** The call's number, if it is to be known before. */
  readonly n?: number;
}

/** A call that waits for its answer. */
interface Pending {
  readonly answered: (fields: Fields) => void;
  readonly failed: (reason: string) => void;
}

/** The calls that are made over a port. */
export class Calls {
  readonly #port: SessionStorePort;
  readonly #stopListening: () => void;
  readonly #pending = new Map<number, Pending>();
  /** Not from 0: another store may use the same port. */
  #nextNumber = Math.floor(Math.random() * 2 ** 48);
  /** Why no call is possible any more. */
  #ended: string | undefined;

  constructor(port: SessionStorePort) {
    this.#port = port;
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
  make<T>({ what, prepare, read, signal, n = this.number() }: Call<T>): Promise<
    T
  > {
    return new Promise((resolve, reject) => {
      const { request, transfer } = prepare();
      if (this.#ended !== undefined) {
        throw new Error(`Cannot ${what}: ${this.#ended}`);
      }
      signal?.throwIfAborted();
      this.#post(n, request, transfer);

      const settle = (act: () => void): void => {
        this.#pending.delete(n);
        signal?.removeEventListener("abort", aborted);
        act();
      };
      const aborted = (): void => {
        this.cancel(n);
        settle(() => reject(signal?.reason));
      };
      this.#pending.set(n, {
        answered: ({ answer, error }) =>
          settle(() => {
            if (error === undefined) resolve(read(answer));
            else reject(errorOf(error));
          }),
        failed: (reason) =>
          settle(() => reject(new Error(`Cannot ${what}: ${reason}`))),
      });
      signal?.addEventListener("abort", aborted);
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
    this.#pending.get(n)?.answered(fields);
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#stopListening();
    for (const { failed } of this.#pending.values()) failed(reason);
  }
}

function errorOf(error: unknown): Error {
  const { name, message } = Object(error) as Fields;
  const result = new Error(String(message));
  result.name = String(name);
  return result;
}
