/**
 * Formatting for the terminal and for JSON. Control characters in text from a peer, a file or
 * a store are escaped.
 *
 * @module
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [
  SECOND,
  "s",
]] as const;

const CONTROL = /[\p{C}\u2028\u2029]/gu;

/** A duration in its two largest units, such as `"1 h 20 min"`. */
export function durationText(milliseconds: number): string {
  const first = UNITS.findIndex(([unit]) => milliseconds >= unit);
  if (first < 0) return "0 s";
  let rest = milliseconds;
  const parts: string[] = [];
  for (const [unit, name] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    if (count > 0) parts.push(`${count} ${name}`);
    rest -= count * unit;
  }
  return parts.join(" ");
}

/** A date relative to `now`: `"in 1 h 20 min"` or `"5 s ago"`. */
export function relativeText(date: Date, now: number): string {
  const ahead = date.getTime() - now;
  if (Number.isNaN(ahead)) return "never";
  return ahead > 0
    ? `in ${durationText(ahead)}`
    : `${durationText(-ahead)} ago`;
}

/** A date in both forms: `"2026-10-05T12:00:00Z (in 1 h 20 min)"`. */
export function dateText(date: Date, now: number): string {
  return `${isoText(date) ?? "no valid date"} (${relativeText(date, now)})`;
}

/** A date in ISO 8601, in whole seconds; `null` for an invalid date. */
export function isoText(date: Date): string | null {
  if (Number.isNaN(date.getTime())) return null;
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Milliseconds with one decimal: `"3.2 ms"`. */
export function millisecondsText(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

/** A count with its noun: `"1 session"`, `"2 sessions"`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Text with its control characters escaped. */
export function printable(text: string): string {
  return text.replace(
    CONTROL,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A value as JSON in one line, with control characters escaped as JSON allows. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    CONTROL,
    (char) =>
      Array.from(
        { length: char.length },
        (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}

/** Session ids: printable ASCII as text, all other bytes in hex. */
export function bytesText(bytes: Uint8Array): string {
  return /^[\x21-\x7e]+$/.test(latin1(bytes)) && !isHex(latin1(bytes))
    ? latin1(bytes)
    : bytes.toHex();
}

/** The bytes of a text that {@linkcode bytesText} made. */
export function bytesOf(text: string): Uint8Array {
  return isHex(text)
    ? Uint8Array.fromHex(text)
    : new TextEncoder().encode(text);
}

/** The message of an error, or of anything else that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The first line of an error's message, with control characters escaped. */
export function errorText(error: unknown): string {
  return printable(messageOf(error).split("\n", 1)[0] ?? "");
}

/** Names and values in two columns, one line for each. */
export function fieldsText(
  fields: readonly (readonly [name: string, value: string])[],
): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
    .join("\n");
}

function isHex(text: string): boolean {
  return /^([0-9a-f]{2})+$/i.test(text);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
