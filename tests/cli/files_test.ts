import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { jsonText } from "../../src/cli/format.ts";
import { KeyLog } from "../../src/cli/key_log.ts";
import { openOutputFile, writeOutputFile } from "../../src/cli/files.ts";
import { entryJson } from "../../src/cli/store/list.ts";
import { Folder } from "../support/temp_folder.ts";

const isWindows = Deno.build.os === "windows";

describe("A file that the command line writes", () => {
  for (
    const [what, isSecret, mode] of [
      ["secrets", true, 0o600],
      ["a certificate", false, 0o644],
    ] as const
  ) {
    it(`of ${what} gets its mode, also if it was there`, {
      ignore: isWindows,
    }, async () => {
      await using folder = await Folder.make();
      const [old, fresh] = [folder.path("old"), folder.path("fresh")];
      await Deno.writeTextFile(old, "much that was in it before");
      await Deno.chmod(old, 0o666);
      for (const path of [old, fresh]) {
        writeOutputFile(path, "text", { isSecret });
        assertEquals(await Deno.readTextFile(path), "text");
        assertEquals(modeOf(path), mode);
      }
    });
  }

  it("of a key log keeps what is in it, and loses its wider mode", {
    ignore: isWindows,
  }, async () => {
    await using folder = await Folder.make();
    const path = folder.path("keys");
    await Deno.writeTextFile(path, "# others\n");
    await Deno.chmod(path, 0o644);
    const log = new KeyLog(path, () => {});
    assertEquals(modeOf(path), 0o600);
    log.write("a line");
    log.close();
    assertEquals(await Deno.readTextFile(path), "# others\na line\n");
  });

  it("may be a device, whose mode is left", { ignore: isWindows }, () => {
    const before = modeOf("/dev/null");
    openOutputFile("/dev/null").close();
    assertEquals(modeOf("/dev/null"), before);
  });
});

describe("JSON for a terminal", () => {
  it("has no control or format character of a peer's choice", () => {
    const tag = "a\u009b31m\u202e\u2028\u{e0001}\ud800é";
    const text = entryJson({
      id: new Uint8Array([1]),
      expiresAt: new Date(0),
      size: 1,
      tag,
    });
    assertEquals(JSON.parse(text).tag, tag);
    assertStringIncludes(
      text,
      "\\u009b31m\\u202e\\u2028\\udb40\\udc01\\ud800é",
    );
    assertEquals(/\p{C}/u.test(text), false);
  });

  it("otherwise equals JSON.stringify's", () => {
    const value = { a: [1, "ü\n", null], b: { c: true } };
    assertEquals(jsonText(value), JSON.stringify(value));
  });
});

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}
