import { all } from "./concurrency_requirements.ts";
import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on tags of any bytes. */
export const TAG_ENCODING_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "revoke tells tags apart that differ in any byte", check: tags },
  { name: "revoke tells where a tag ends and an id begins", check: joined },
];

/** Tags with special characters of queries, patterns, paths, protocols and objects. */
const TAGS: readonly string[] = [
  ...[
    "%",
    "_",
    "*",
    "?",
    "[a-z]",
    "a*",
    "a%",
    "a_",
    "a?",
    "^a",
    "'",
    '"',
    "\\",
  ],
  ...["a", "A", "a:", ":a", "a:b", "a/", "a/b", ".", "..", "{a}", "a ", " a"],
  ...["ab", "b", "1", "01", "__proto__", "constructor", "undefined", "null"],
  ...["a\0", "a\0b", "a\nb", "a\r\nb", "\ufeffa", "\uffff", "\u{10000}"],
  // One letter, composed and decomposed.
  ...["\u00e9", "e\u0301"],
  ...["a".repeat(256), "a".repeat(255), "a".repeat(255) + "b"],
  "\u00e9".repeat(128),
];

async function tags(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const left = TAGS.map((tag, i) => ({
    tag,
    id: sampleBytes(32, i),
    record: sampleBytes(9, i),
  }));
  for (const { tag, id, record } of left) await trial.set(id, record, tag);
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const { tag, id, record } = next;
    const kept = `a record with the tag ${show(tag)} is kept`;
    trial.expect(await trial.get(id), record, kept);
    await trial.revoke(tag, TAGS.length);
    const requirement = `revoking the tag ${show(tag)} removes its record`;
    trial.expectNone(await trial.get(id), requirement);
    const others = await all(left, ({ id }) => trial.get(id));
    for (const [i, other] of left.entries()) {
      const requirement = `revoking the tag ${show(tag)} leaves the record ` +
        `with the tag ${show(other.tag)} alone`;
      trial.expect(others[i], other.record, requirement);
    }
  }
}

/** Pairs of tag and id whose concatenations are equal. */
async function joined(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  for (const start of ["a", "61", "a:", "97,", "97", "a\0"]) {
    const long = Uint8Array.of(0x61, 0x62);
    const short = Uint8Array.of(0x62);
    const [tag, longerTag] = ["x", `x${start}`] as const;
    await trial.set(long, sampleBytes(9, 1), tag);
    await trial.set(short, sampleBytes(9, 2), longerTag);
    const what = `${show(tag)} and id [97 98], ${show(longerTag)} and id [98]`;
    const requirement =
      `tags and ids that are alike when joined are apart: ${what}`;
    await trial.revoke(tag, 2);
    trial.expectNone(await trial.get(long), requirement);
    trial.expect(await trial.get(short), sampleBytes(9, 2), requirement);
    await trial.revoke(longerTag, 2);
    trial.expectNone(await trial.get(short), requirement);
  }
}

/** A tag with its special characters escaped. */
function show(tag: string): string {
  const letters = [...tag].map((letter) =>
    /[ -~]/.test(letter)
      ? letter
      : `\\u{${letter.codePointAt(0)?.toString(16)}}`
  );
  const more = letters.length > 20
    ? `${letters.slice(0, 3).join("")}...${letters.at(-1)}`
    : letters.join("");
  return `"${more}"`;
}
