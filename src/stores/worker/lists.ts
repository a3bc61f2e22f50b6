import { settle } from "../../internal/maybe_promise.ts";
import type { Page } from "./messages.ts";
import type { SessionEntry } from "../session_store.ts";

/** How many entries a page has. */
const PAGE_ENTRIES = 256;

/** How many lists a worker can read at the same time. A further one ends the oldest. */
const MAX_LISTS = 16;

/** The lists that a worker reads page by page. */
export class ServedLists {
  /** By the number of the call that started the list. */
  readonly #lists = new Map<number, AsyncIterator<SessionEntry>>();

  /** Starts a list. */
  start(n: number, entries: AsyncIterable<SessionEntry>): void {
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size < MAX_LISTS) break;
      this.end(oldest);
    }
    this.#lists.set(n, entries[Symbol.asyncIterator]());
  }

  /** Reads the next page. The list ends with the last one. */
  async nextPage(n: unknown, signal: AbortSignal): Promise<Page> {
    const list = typeof n === "number" ? this.#lists.get(n) : undefined;
    if (list === undefined) {
      throw new Error("Cannot list the sessions: the list has ended");
    }
    const forget = (): void => void this.#lists.delete(Number(n));
    const entries: SessionEntry[] = [];
    try {
      while (entries.length < PAGE_ENTRIES && !signal.aborted) {
        const { done, value } = await list.next();
        if (done) {
          forget();
          return { entries, more: false };
        }
        // A copy: a view would be sent with the rest of its buffer.
        entries.push({ ...value, id: new Uint8Array(value.id) });
      }
    } catch (error) {
      forget();
      throw error;
    }
    return { entries, more: true };
  }

  /** Ends a list early, if it exists. */
  end(n: number): void {
    const list = this.#lists.get(n);
    this.#lists.delete(n);
    if (list?.return === undefined) return;
    // Failures have no effect, and not all iterators return promises.
    settle(() => list.return?.(), () => {}, () => {});
  }

  /** Ends all lists. */
  endAll(): void {
    for (const n of this.#lists.keys()) this.end(n);
  }
}
