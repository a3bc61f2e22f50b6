import { Table } from "console-table-printer";
import type { SessionEntry, SessionStore } from "../../../mod.ts";
import {
  bytesText,
  countText,
  isoText,
  jsonText,
  relativeText,
} from "../format.ts";
import { tagText } from "./tag_text.ts";

/**
 * Lists the sessions of a store.
 *
 * @throws {Error} If the store has no method `entries`.
 */
export function readEntries(
  store: SessionStore,
  name: string,
): AsyncIterable<SessionEntry> {
  if (store.entries === undefined) {
    throw new Error(`${name} cannot list its sessions`);
  }
  return store.entries();
}

/** A table of the sessions that expire first. */
export function entriesTable(
  entries: SessionEntry[],
  limit: number,
  now: number,
): string {
  if (entries.length === 0) return "No sessions";
  const table = new Table({
    defaultColumnOptions: { alignment: "left" },
    shouldDisableColors: true,
  });
  const sorted = entries.toSorted((a, b) =>
    a.expiresAt.getTime() - b.expiresAt.getTime()
  );
  for (const { id, expiresAt, size, tag } of sorted.slice(0, limit)) {
    table.addRow({
      id: bytesText(id),
      expires: relativeText(expiresAt, now),
      bytes: size,
      tag: tag === undefined ? "" : tagText(tag),
    });
  }
  const rest = entries.length - limit;
  const more = rest > 0 ? `\n... and ${countText(rest, "more session")}` : "";
  return table.render() + more;
}

/** A session as JSON in one line. */
export function entryJson({ id, expiresAt, size, tag }: SessionEntry): string {
  return jsonText({
    id: bytesText(id),
    expires: isoText(expiresAt),
    bytes: size,
    tag: tag ?? null,
  });
}
