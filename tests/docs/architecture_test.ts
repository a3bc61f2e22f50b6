/** docs/architecture.md names files and functions that are there. */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const root = new URL("../../", import.meta.url);
const text = Deno.readTextFileSync(new URL("docs/architecture.md", root));
const files = [...filesIn("src/"), ...filesIn("wasm/"), ...filesIn("tests/")];

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else yield folder + name;
  }
}

describe("docs/architecture.md", () => {
  const names = [...text.matchAll(/`([\w/]+\.(?:ts|c))`/g)]
    .map(([, name = ""]) => name);

  it("names files", () => assert(names.length > 15, `${names.length}`));

  for (const name of new Set(names)) {
    it(`names a file: ${name}`, () => {
      assert(files.some((file) => `/${file}`.endsWith(`/${name}`)));
    });
  }
});
