/**
 * Tests that the pages in `docs/` show what is printed: a block of text is what the program
 * before it prints, in a process of its own and without permissions.
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { outputOf } from "../support/program_output.ts";

const DOCS = new URL("../../docs/", import.meta.url);

/** A block of a page: its language, and what is in it. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, in their order. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)].map(
    ([, language = "", text = ""]) => ({ language, text }),
  );
}

describe("docs/", () => {
  for (const { name } of Deno.readDirSync(DOCS)) {
    if (!name.endsWith(".md")) continue;
    const blocks = blocksOf(Deno.readTextFileSync(new URL(name, DOCS)));
    for (const [i, { language, text }] of blocks.entries()) {
      if (language !== "text") continue;
      it(`${name} shows what its example ${i} prints`, async () => {
        const program = blocks[i - 1];
        assert(program?.language === "ts", "No program is before the text");
        assertEquals(await outputOf(program.text), text);
      });
    }
  }
});
