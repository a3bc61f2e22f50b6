/** docs/openssl-facts.md names the tests that hold its rows, and these name their rows. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const root = new URL("../../", import.meta.url);
const read = (path: string): string =>
  Deno.readTextFileSync(new URL(path, root));

/** The rows of a section, each with the test that it names. */
function rowsOf(section: string): [row: number, test: string][] {
  const cells = section.matchAll(/^\| (\d+) .*`([\w/]+_test\.ts)` *\|$/gm);
  return [...cells].map(([, row, test = ""]) => [Number(row), test]);
}

describe("The facts about OpenSSL", () => {
  const [, callbacks = "", remedies = ""] = read("docs/openssl-facts.md")
    .split(/^## /m);
  const [held, mended] = [rowsOf(callbacks), rowsOf(remedies)];

  it("are numbered without a gap", () => {
    const numbers = [...held, ...mended].map(([row]) => row);
    assertEquals(numbers, numbers.map((_, i) => i + 1));
    assert(numbers.length >= 26);
  });

  for (const [row, test] of held) {
    it(`are held by a test: row ${row}`, () => {
      assertStringIncludes(read(`tests/libssl/${test}`), `row ${row}: `);
    });
  }

  for (const [row, test] of mended) {
    it(`are held by a test: row ${row}`, () => {
      assertStringIncludes(read(`tests/tls/${test}`), "describe(");
    });
  }
});
