import { assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const MODULE = new URL("../../wasm/module.ts", import.meta.url).href;

describe("openssl.wasm", () => {
  // V8 has no SIMD where the processor lacks these instructions of x86, or is told so.
  it("says what to do where there is no WebAssembly SIMD", {
    ignore: Deno.build.arch !== "x86_64",
  }, async () => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "--no-config", "--allow-read"],
        ...["--v8-flags=--no-enable-sse4-1,--no-enable-ssse3", MODULE],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertStringIncludes(said, "this runtime has no WebAssembly SIMD");
    assertStringIncludes(said, "Use Deno, Node 16.4");
  });
});
