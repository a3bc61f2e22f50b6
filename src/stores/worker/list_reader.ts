import type { SessionEntry } from "../session_store.ts";
import type { Calls } from "./calls.ts";
import type { Fields, Page, Request } from "./messages.ts";

/** Reads a list of the served store, page by page. */
export async function* readList(
  calls: Calls,
): AsyncGenerator<SessionEntry, void, void> {
  const list = calls.number();
  let call: { request: Request; n: number } | undefined = {
    request: { call: "list" },
    n: list,
  };
  try {
    while (call !== undefined) {
      const { request, n } = call;
      const page: Page = await calls.make({
        action: "list the sessions",
        prepare: () => ({ request }),
        read: pageOf,
        n,
      });
      call = page.more
        ? { request: { call: "next", list }, n: calls.number() }
        : undefined;
      yield* page.entries;
    }
  } finally {
    if (call !== undefined) calls.cancel(list);
  }
}

function pageOf(answer: unknown): Page {
  const { entries, more } = Object(answer) as Fields;
  return {
    entries: Array.isArray(entries) ? entries : [],
    more: more === true,
  };
}
