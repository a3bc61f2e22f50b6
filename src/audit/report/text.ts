/**
 * Text for a terminal, in which a server may have had a word.
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

/** Text in lines of at most `width` characters. A word that is longer than a line is cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((word) => cut(word, width))) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

function cut(word: string, width: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += width) {
    parts.push(word.slice(at, at + width));
  }
  return parts;
}

/** A count with its noun: `"1 connection"`, `"2 connections"`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds as seconds: `"3.2 s"`. */
export function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
