/**
 * An error is data: no code looks into a message (CONTRIBUTING.md).
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { filesUnder, withoutComments } from "./support/source.ts";

const SRC = new URL("../src/", import.meta.url);

/** A comparison of a message, or a search in it. */
const LOOKS = [
  /\.(?:test|exec)\([^)]*message\b/i,
  /\bmessage\)?\??\s*\.(?:match(?:All)?|includes|startsWith|endsWith|search|indexOf|replace(?:All)?|slice)\(/,
  /\.message\s*[!=]==\s*["'`]/,
];

/** Messages of other programs that have no other field to tell them by. */
const OTHERS_MESSAGES: ReadonlySet<string> = new Set([
  // Deno KV throws a TypeError for a database file that is locked.
  "stores/kv/database.ts",
  // Redis replies with a text; clients make it an error's message.
  "stores/redis/replies.ts",
]);

describe("src", () => {
  it("has no code that looks into an error's message", async () => {
    const files = await filesUnder(SRC);
    assert(files.length > 200, "the files were found");
    const found: string[] = [];
    for (const file of files) {
      const path = file.href.slice(SRC.href.length);
      if (OTHERS_MESSAGES.has(path)) continue;
      const text = withoutComments(await Deno.readTextFile(file));
      text.split("\n").forEach((line, i) => {
        if (LOOKS.some((look) => look.test(line))) {
          found.push(`${path}:${i + 1}: ${line.trim()}`);
        }
      });
    }
    assertEquals(found, []);
  });
});
