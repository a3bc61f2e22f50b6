import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { bundle } from "../../packaging/bundle.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

// esbuild starts a process of its own, which ends with the test.
Deno.test({
  name: "the npm package imports nothing for its effects alone",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const files = await bundle(ROOT, {
      mod: "mod.ts",
      "src/stores/memory": "src/stores/memory.ts",
      "src/stores/sqlite": "src/stores/sqlite.ts",
    });
    assert(files.size > 3, "what they share has a file of its own");
    for (const [path, text] of files) {
      assertEquals(text.match(/^import ".*$/m)?.[0], undefined, path);
    }
  },
});
