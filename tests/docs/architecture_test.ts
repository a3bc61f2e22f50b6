/** The pages about the code name files that are there, and the architecture stays one page. */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const root = new URL("../../", import.meta.url);
const PAGES = ["architecture", "audit-internals", "short-lived-objects"];

/** What of a page is printed on one. */
const MAX_LINES = 105;

const files = [...filesIn("src/"), ...filesIn("wasm/"), ...filesIn("tests/")];

function textOf(page: string): string {
  return Deno.readTextFileSync(new URL(`docs/${page}.md`, root));
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else yield folder + name;
  }
}

for (const page of PAGES) {
  describe(`docs/${page}.md`, () => {
    const text = textOf(page);
    const names = [...text.matchAll(/`([\w/]+\.(?:ts|c))`/g)]
      .map(([, name = ""]) => name);

    it("names files", () => assert(names.length > 0));

    for (const name of new Set(names)) {
      it(`names a file: ${name}`, () => {
        assert(files.some((file) => `/${file}`.endsWith(`/${name}`)));
      });
    }
  });
}

it("docs/architecture.md is one page", () => {
  assert(textOf("architecture").split("\n").length <= MAX_LINES);
});
