/** The search of the guide, as the site and its test ask it. */
import MiniSearch, { type Options } from "minisearch";

/** A part of a page, under one heading. */
export interface Section {
  /** Where it is, from the site's root: `hooks.html#traps`. */
  readonly url: string;
  /** The title of its page. */
  readonly page: string;
  /** Its heading, which is that of the page for what comes first. */
  readonly heading: string;
  /** Its text, without markup. */
  readonly text: string;
}

/** What is found in one page. */
export interface Found {
  /** The best section's place. */
  readonly url: string;
  /** The page's title. */
  readonly page: string;
  /** The best section's heading. */
  readonly heading: string;
}

/** An index of sections. */
export type SearchIndex = MiniSearch<Section>;

/** Words that questions have and that say nothing of what is asked. */
const STOP_WORDS = new Set(
  `a about after all am an and any are as at be been but by can can't cannot could do does
  doesn't don't for from get gets got had has have how i if in into is isn't it its me my no not of
  on one only or our own should so still than that the their them then there they this to use used
  using want was we what when where which while who why will with won't work works would you your`
    .split(/\s+/),
);
/** How many times a page's further sections count, as a part of its best one's score. */
const MORE_SECTIONS = 0.25;
const BEST_SECTIONS = 3;
/** How much more a name counts than a word. */
const NAME_BOOST = 3;

const OPTIONS: Options<Section> = {
  idField: "url",
  fields: ["page", "heading", "text"],
  storeFields: ["page", "heading"],
  tokenize: wordsOf,
  processTerm: (word) => STOP_WORDS.has(word) ? null : stemOf(word),
  searchOptions: {
    boost: { page: 3, heading: 2 },
    prefix: (word) => word.length > 3,
    fuzzy: (word) => word.length > 6 ? 0.15 : false,
    weights: { prefix: 0.3, fuzzy: 0.1 },
    // The name itself rather than its parts, which come after it.
    boostTerm: (word, i, words) => {
      const next = words[i + 1];
      const isName = next !== undefined && next !== word &&
        word.startsWith(next);
      return isName ? NAME_BOOST : 1;
    },
  },
};

/** Makes an index. */
export function indexOf(sections: readonly Section[]): SearchIndex {
  const index = new MiniSearch<Section>(OPTIONS);
  index.addAll(sections);
  return index;
}

/** Reads an index from JSON. */
export function readIndex(json: string): SearchIndex {
  return MiniSearch.loadJSON<Section>(json, OPTIONS);
}

/** The pages that answer a question, the best first, each with its best section. */
export function search(index: SearchIndex, question: string): Found[] {
  const pages = new Map<string, { found: Found; scores: number[] }>();
  for (const { id, score, page, heading } of index.search(question)) {
    const url = String(id);
    const name = url.split("#")[0] ?? url;
    const known = pages.get(name);
    if (known) known.scores.push(score);
    else pages.set(name, { found: { url, page, heading }, scores: [score] });
  }
  return [...pages.values()]
    .map(({ found, scores }) => ({ found, score: scoreOf(scores) }))
    .sort((a, b) => b.score - a.score)
    .map(({ found }) => found);
}

function scoreOf([best = 0, ...more]: readonly number[]): number {
  const others = more.slice(0, BEST_SECTIONS).reduce(
    (sum, one) => sum + one,
    0,
  );
  return best + MORE_SECTIONS * others;
}

/** Names count as a whole and in their parts: `newSession`, `new`, `session`. */
function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}_']+/u).flatMap((name) => {
    const parts = name.split(/_|(?<=\p{Ll})(?=\p{Lu})/u)
      .filter((part) => part !== "");
    return parts.length > 1 ? [name, ...parts] : parts;
  }).map((word) => word.toLowerCase());
}

/** A word without its ending, so that "resumes" and "resumed" are one. */
function stemOf(word: string): string {
  const stem = word.replace(/(?:'s|ies|ing|ed|es|s|e|y)$/, "");
  return stem.length > 2 ? stem : word;
}
