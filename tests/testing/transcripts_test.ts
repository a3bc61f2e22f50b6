import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { run } from "../support/programs.ts";

const PROGRAM = fileURLToPath(
  new URL("../testdata/testing_transcripts.ts", import.meta.url),
);

describe("A pair's transcript", () => {
  it("is the same in two processes of one seed, and in no other", async () => {
    const [one, same, other] = await Promise.all(
      ["one", "one", "other"].map(transcripts),
    );
    assert(one && same && other);
    assertEquals(one, same);
    assertEquals(one.length, 13);
    for (const [i, line] of one.entries()) assertNotEquals(line, other[i]);
  });
});

async function transcripts(seed: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    "run",
    PROGRAM,
    seed,
  ]);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split("\n");
}
