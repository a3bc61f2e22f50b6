/** The exports of openssl.wasm: no function that nothing calls. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const ROOT = new URL("../../", import.meta.url);

describe("The exports of openssl.wasm", () => {
  it("are called by src/, each", async () => {
    const exported = await Deno.readTextFile(
      new URL("wasm/exports.txt", ROOT),
    );
    const texts = await Promise.all(sourcesIn(new URL("src/", ROOT)));
    const words = new Set(texts.join("\n").match(/(?<=c\.|"|[{,] )\w+/g));
    const names = exported.trim().split("\n");
    assertEquals(names.filter((name) => !words.has(name)), []);
  });
});

/** The texts of a folder and those below it, but for the list of exports itself. */
function sourcesIn(folder: URL): Promise<string>[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) return sourcesIn(url);
    return name.endsWith(".ts") && name !== "exports.ts"
      ? [Deno.readTextFile(url)]
      : [];
  });
}
