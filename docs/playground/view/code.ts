/// <reference lib="dom" />
import { document, h } from "./dom.ts";

const TOKENS =
  /(\/\/.*)|("(?:[^"\\]|\\.)*"|`[^`]*`)|\b(const|let|using|await|new|import|from|type|null)\b/g;
const CLASSES = ["comment", "string", "keyword"] as const;

/** A program with its comments, strings and keywords marked. */
export function codeView(code: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    fragment.append(
      code.slice(end, match.index),
      h("span", { class: CLASSES[kind] }, match[0]),
    );
    end = match.index + match[0].length;
  }
  fragment.append(code.slice(end));
  return fragment;
}
