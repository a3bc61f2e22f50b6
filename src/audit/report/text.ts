/**
 * Text of reports. What a server sent may be a part of it, so control characters are escaped.
 *
 * @module
 */

const CONTROL = /[\p{C}\u2028\u2029]/gu;

/** Text with its control characters escaped, those that turn its direction included. */
export function printable(text: string): string {
  return text.replace(
    CONTROL,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A count with its noun: `"1 connection"`, `"2 connections"`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds as seconds: `"3.2 s"`. */
export function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
