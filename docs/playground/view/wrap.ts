/// <reference lib="dom" />
import { document } from "./dom.ts";

/** The sorts of text in a ladder, as the style sheet has them. */
const FONTS = { title: "600 13px", detail: "12px" } as const;

/** A sort of text. */
export type TextKind = keyof typeof FONTS;

const context = document.createElement("canvas").getContext("2d");
const family = globalThis.getComputedStyle(document.body).fontFamily;

/** Text in lines that are no wider than some pixels. A longer word is cut. */
export function wrapped(text: string, kind: TextKind, room: number): string[] {
  const fits = fitsIn(kind, room);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((word) => cut(word, fits))) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (line === "" || fits(joined)) line = joined;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Facts in lines: as many in one as fit. */
export function inLines(
  facts: readonly string[],
  kind: TextKind,
  room: number,
): string[] {
  const fits = fitsIn(kind, room);
  const lines: string[] = [];
  for (const fact of facts) {
    const joined = `${lines.at(-1)} · ${fact}`;
    if (lines.length > 0 && fits(joined)) lines[lines.length - 1] = joined;
    else lines.push(...wrapped(fact, kind, room));
  }
  return lines;
}

function fitsIn(kind: TextKind, room: number): (text: string) => boolean {
  return (text) => {
    if (context === null) return true;
    context.font = `${FONTS[kind]} ${family}`;
    return context.measureText(text).width <= room;
  };
}

/** A word in parts that fit, if possible after an underscore. */
function cut(word: string, fits: (text: string) => boolean): string[] {
  const parts: string[] = [];
  let rest = word;
  while (!fits(rest) && rest.length > 1) {
    let end = rest.length - 1;
    while (end > 1 && !fits(rest.slice(0, end))) end--;
    const underscore = rest.lastIndexOf("_", end - 1) + 1;
    if (underscore > end / 2) end = underscore;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...parts, rest];
}
