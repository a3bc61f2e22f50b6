import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import build from "../../wasm/build.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Component {
  name: string;
  version?: string;
  hashes?: { alg: string; content: string }[];
}

describe("deno task sbom", () => {
  it("says what the module is made of, the same each time", async () => {
    const print = async (): Promise<string> => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "packaging/sbom.ts"],
        cwd: ROOT,
        stderr: "inherit",
      }).output();
      return new TextDecoder().decode(stdout);
    };
    const text = await print();
    assertEquals(await print(), text);
    const bom = JSON.parse(text);
    assertEquals(bom.bomFormat, "CycloneDX");
    assertEquals(bom.metadata.component.version, config.version);
    const [module, ...libraries]: [Component, ...Component[]] = bom.components;
    const bytes = await Deno.readFile(`${ROOT}${module.name}`);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    assertEquals(module.hashes, [
      { alg: "SHA-256", content: new Uint8Array(digest).toHex() },
    ]);
    assertEquals(libraries.map(({ name, version }) => [name, version]), [
      ["openssl", build.openssl],
      ["emscripten", build.emscripten],
    ]);
  });
});
