/** The surface of libssl: no function without a test, and none that needs its object. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../src/libssl/mod.ts";

describe("openssl.libssl", () => {
  const { libssl } = new OpenSSL();
  const names = Object.keys(libssl);

  it("is frozen, and its functions can be taken apart", () => {
    assert(Object.isFrozen(libssl));
    const { TLS_method, SSL_CTX_new, SSL_CTX_free } = libssl;
    const ctx = SSL_CTX_new(TLS_method());
    assert(ctx !== null);
    SSL_CTX_free(ctx);
  });

  it("has the six functions of the manual page", () => {
    for (const verb of ["set", "get"]) {
      for (const callback of ["new", "remove", "get"]) {
        assert(names.includes(`SSL_CTX_sess_${verb}_${callback}_cb`));
      }
    }
  });

  it("has no function that no test calls", async () => {
    const texts = await Promise.all(sourcesIn(new URL("../", import.meta.url)));
    const words = new Set(texts.join("\n").match(/\w+/g));
    assertEquals(names.filter((name) => !words.has(name)), []);
  });

  /** The texts of a folder and those below it. */
  function sourcesIn(folder: URL): Promise<string>[] {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) return sourcesIn(url);
      return name.endsWith(".ts") ? [Deno.readTextFile(url)] : [];
    });
  }
});
