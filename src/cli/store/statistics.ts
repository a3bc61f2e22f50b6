import type { SessionEntry } from "../../../mod.ts";
import { countText, fieldsText, jsonText } from "../format.ts";
import { tagText } from "./tag_text.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SPANS = [
  ["1 min", MINUTE],
  ["10 min", 10 * MINUTE],
  ["1 h", HOUR],
  ["6 h", 6 * HOUR],
  ["1 d", DAY],
  ["7 d", 7 * DAY],
  ["later", Infinity],
] as const;

const TOP_TAGS = 10;
const LONGEST_BAR = 40;

/** The sessions of a store, counted. */
export interface Statistics {
  readonly sessions: number;
  readonly bytes: number;
  /** The number of sessions of each tag, the largest first. */
  readonly tags: readonly { readonly tag: string; readonly sessions: number }[];
  readonly untagged: number;
  /** The number of sessions that expire within each span but not within a shorter one. */
  readonly expiring: readonly {
    readonly within: string;
    readonly sessions: number;
  }[];
}

/** Counts sessions. */
export async function statisticsOf(
  entries: AsyncIterable<SessionEntry>,
  now: number,
): Promise<Statistics> {
  const counts = SPANS.map(() => 0);
  const tags = new Map<string, number>();
  let sessions = 0;
  let bytes = 0;
  let untagged = 0;
  for await (const { expiresAt, size, tag } of entries) {
    sessions++;
    bytes += size;
    if (tag === undefined) untagged++;
    else tags.set(tag, (tags.get(tag) ?? 0) + 1);
    const ahead = expiresAt.getTime() - now;
    const span = SPANS.findIndex(([, length]) => ahead <= length);
    counts[span] = (counts[span] ?? 0) + 1;
  }
  return {
    sessions,
    bytes,
    untagged,
    tags: [...tags].map(([tag, sessions]) => ({ tag, sessions }))
      .sort((a, b) => b.sessions - a.sessions || (a.tag < b.tag ? -1 : 1)),
    expiring: SPANS.map(([within], i) => ({
      within,
      sessions: counts[i] ?? 0,
    })),
  };
}

/** Statistics as text. An encrypted store doesn't list tags. */
export function statisticsText(
  name: string,
  statistics: Statistics,
  isEncrypted: boolean,
): string {
  const { sessions, bytes, tags, untagged, expiring } = statistics;
  const head = `${name}: ${countText(sessions, "session")}, ` +
    countText(bytes, "byte");
  if (sessions === 0) return head;
  const parts = [head, "", "Expiring within"];
  parts.push(bars(expiring.map(({ within, sessions }) => [within, sessions])));
  parts.push("", "Tags");
  const rows = tags.slice(0, TOP_TAGS)
    .map(({ tag, sessions }) => [tagText(tag), sessions] as const);
  const without = isEncrypted ? "(none or hidden)" : "(none)";
  if (untagged > 0) parts.push(bars([...rows, [without, untagged]]));
  else parts.push(bars(rows));
  const rest = tags.length - TOP_TAGS;
  if (rest > 0) parts.push(`  ... and ${countText(rest, "more tag")}`);
  return parts.join("\n");
}

/** Statistics as JSON in one line. */
export function statisticsJson(statistics: Statistics): string {
  return jsonText(statistics);
}

/** A bar chart: the largest count has the longest bar. */
function bars(rows: readonly (readonly [string, number])[]): string {
  const largest = Math.max(1, ...rows.map(([, count]) => count));
  const digits = String(largest).length;
  return fieldsText(rows.map(([name, count]) => {
    const length = Math.ceil(count / largest * LONGEST_BAR);
    const bar = "█".repeat(length);
    return [name, `${String(count).padStart(digits)} ${bar}`.trimEnd()];
  }));
}
