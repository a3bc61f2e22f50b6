/** What the module asks of its host, and under which names. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ffi } from "../../src/ffi/ffi.ts";
import { TlsError } from "../../src/internal/tls_error.ts";
import { module as original } from "../../wasm/module.ts";

const HOST = {
  entropy: (out: Uint8Array) => void crypto.getRandomValues(out),
  clock: () => Date.now(),
};
const MODULE_NAME = "sesame:host";

/** A module that does nothing but import one function. */
async function importing(
  from: string,
  name: string,
): Promise<WebAssembly.Module> {
  const text = (value: string) => [value.length, ...encoder.encode(value)];
  const encoder = new TextEncoder();
  const types = [1, 0x60, 0, 0];
  const imports = [1, ...text(from), ...text(name), 0, 0];
  return await WebAssembly.compile(Uint8Array.from([
    ...[0, ...encoder.encode("asm"), 1, 0, 0, 0],
    ...[1, types.length, ...types],
    ...[2, imports.length, ...imports],
  ]));
}

/** openssl.wasm with another name for its host, of the same length. */
async function renamed(name: string): Promise<WebAssembly.Module> {
  const url = new URL("../../wasm/openssl.wasm", import.meta.url);
  const bytes = await Deno.readFile(url);
  const [from, to] = [MODULE_NAME, name].map((it) =>
    new TextEncoder().encode(it)
  );
  for (let at = 0; at <= bytes.length - name.length; at++) {
    if (from?.every((byte, i) => bytes[at + i] === byte)) {
      bytes.set(to ?? [], at);
    }
  }
  return await WebAssembly.compile(bytes);
}

describe("The imports of openssl.wasm", () => {
  it("have a name with a scheme, which no publisher takes for a file's", () => {
    const names = WebAssembly.Module.imports(original).map(({ module }) =>
      module
    );
    assertEquals([...new Set(names)], [MODULE_NAME]);
    assertEquals(new URL(MODULE_NAME).protocol, "sesame:");
  });

  it("are given under the name that is asked for", async () => {
    const module = await renamed("./sesamehst");
    assertEquals(
      WebAssembly.Module.imports(module)[0]?.module,
      "./sesamehst",
    );
    const versions = [module, original].map((it) => {
      const { c, memory } = new Ffi(it, HOST);
      return memory.readString(c.OpenSSL_version(0));
    });
    assertEquals(versions[0], versions[1]);
  });

  it("are refused by name if they aren't the host's", async () => {
    const module = await importing("env", "teleport");
    const error = assertThrows(
      () => new Ffi(module, HOST),
      TlsError,
      'it imports the function "teleport" of "env"',
    );
    assertEquals(error.code, "configuration");
  });
});
