/**
 * What the command line may import (CONTRIBUTING.md): its own files, the public API, and
 * src/pki.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import { filesUnder, importsOf } from "../support/source.ts";

const ROOT = new URL("../../", import.meta.url);

/** The files behind the package's exports, and the configuration, for its version. */
const PUBLIC: ReadonlySet<string> = new Set([
  ...Object.values(config.exports).map((path) => new URL(path, ROOT).href),
  new URL("deno.json", ROOT).href,
]);

const ROOMS = ["src/cli/", "src/pki/"].map((path) => new URL(path, ROOT).href);

describe("src/cli", () => {
  it("imports the public API, src/pki, and nothing else of src", async () => {
    const files = await filesUnder(new URL("src/cli/", ROOT));
    assert(files.length > 40, "the files were found");
    const refused: string[] = [];
    for (const file of files) {
      for (const url of importsOf(file, await Deno.readTextFile(file))) {
        if (PUBLIC.has(url) || ROOMS.some((room) => url.startsWith(room))) {
          continue;
        }
        refused.push(`${file.pathname} imports ${url}`);
      }
    }
    assertEquals(refused, []);
  });
});
