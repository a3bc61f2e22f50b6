import { settle } from "../../internal/maybe_promise.ts";
import type { Page } from "./messages.ts";
import type { SessionEntry } from "../session_store.ts";

/** How many entries cross at once. */
const PAGE_ENTRIES = 256;

/** How many lists a worker may have begun and not ended; more end the oldest. */
const MAX_LISTS = 16;

/** The lists that a worker reads, page by page. */
export class ServedLists {
  /** By the number of the call that began it. */
  readonly #lists = new Map<number, AsyncIterator<SessionEntry>>();

  /** Begins a list. */
  begin(n: number, entries: AsyncIterable<SessionEntry>): void {
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size < MAX_LISTS) break;
      this.end(oldest);
    }
    this.#lists.set(n, entries[Symbol.asyncIterator]());
  }

  /** Reads the next page; the list ends with the last one. */
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
        // A view of an id would take the rest of its buffer along.
        entries.push({ ...value, id: new Uint8Array(value.id) });
      }
    } catch (error) {
      forget();
      throw error;
    }
    return { entries, more: true };
  }

  /** Ends a list before its end, where there is one. */
  end(n: number): void {
    const list = this.#lists.get(n);
    this.#lists.delete(n);
    if (list?.return === undefined) return;
    // How it ends is its own matter, and not all answer with a promise.
    settle(() => list.return?.(), () => {}, () => {});
  }

  /** Ends all lists. */
  endAll(): void {
    for (const n of this.#lists.keys()) this.end(n);
  }
}
