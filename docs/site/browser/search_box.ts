/// <reference lib="dom" />
/** The search box of a page, and its theme. */
import { type Found, readIndex, search, type SearchIndex } from "../search.ts";

/** What the script of the index defines: a module couldn't be loaded from a file. */
interface Indexed {
  sesameIndex?: string;
}

const INDEX = "search-index.js";
const MOST = 8;
const {
  document,
  HTMLButtonElement,
  HTMLInputElement,
  HTMLUListElement,
  matchMedia,
  Node,
} = globalThis;
const query = element("query", HTMLInputElement);
const list = element("found", HTMLUListElement);
let chosen = -1;
let opened: Promise<SearchIndex> | undefined;

query.addEventListener("input", show);
query.addEventListener("focus", show);
query.addEventListener("keydown", (event) => {
  const options = [...list.children];
  if (event.key === "Escape") close();
  if (event.key === "ArrowDown") choose((chosen + 1) % options.length);
  if (event.key === "ArrowUp") {
    choose((chosen - 1 + options.length) % options.length);
  }
  if (event.key === "Enter") {
    options[Math.max(chosen, 0)]?.querySelector("a")?.click();
  }
  if (["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
    event.preventDefault();
  }
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  query.focus();
});
document.addEventListener("click", ({ target }) => {
  if (target instanceof Node && !list.parentElement?.contains(target)) close();
});

/** Lists what is found. */
async function show(): Promise<void> {
  opened ??= open();
  const index = await opened;
  const question = query.value.trim();
  if (question === "") return close();
  const found = search(index, question).slice(0, MOST);
  list.replaceChildren(...found.map(optionOf));
  if (found.length === 0) list.append(text("li", "Nothing found"));
  list.hidden = false;
  query.setAttribute("aria-expanded", "true");
  choose(-1);
}

function open(): Promise<SearchIndex> {
  const script = document.createElement("script");
  script.src = INDEX;
  document.head.append(script);
  return new Promise((resolve, reject) => {
    script.addEventListener("load", () => {
      resolve(readIndex((globalThis as Indexed).sesameIndex ?? ""));
    });
    script.addEventListener("error", () => reject(new Error(`No ${INDEX}`)));
  });
}

function optionOf({ url, page, heading }: Found, i: number): HTMLElement {
  const option = document.createElement("li");
  option.id = `found-${i}`;
  option.role = "option";
  const link = document.createElement("a");
  link.href = url;
  link.tabIndex = -1;
  link.append(text("strong", page));
  if (heading !== page) link.append(text("span", heading));
  link.addEventListener("click", close);
  option.append(link);
  return option;
}

function choose(i: number): void {
  chosen = i;
  for (const [j, option] of [...list.children].entries()) {
    option.setAttribute("aria-selected", String(i === j));
  }
  query.setAttribute("aria-activedescendant", i < 0 ? "" : `found-${i}`);
}

function close(): void {
  list.hidden = true;
  query.setAttribute("aria-expanded", "false");
}

function text(tag: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

function element<Kind extends Element>(
  id: string,
  kind: abstract new () => Kind,
): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}`);
  return found;
}

// A page of a file may have no storage.
const storage = (() => {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
})();
const root = document.documentElement;
const kept = storage?.getItem("theme");
if (kept) root.dataset.theme = kept;
element("theme", HTMLButtonElement).addEventListener("click", () => {
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  storage?.setItem("theme", root.dataset.theme);
});
// On wide screens the guide's pages are listed beside the text.
if (matchMedia("(min-width: 60rem)").matches) {
  document.querySelector("nav details")?.setAttribute("open", "");
}
