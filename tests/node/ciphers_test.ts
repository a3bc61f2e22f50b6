/** The cipher suites that there are. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { getCiphers } from "../../src/node/ciphers.ts";
import { createSecureContext } from "../../src/node/context/secure_context.ts";
import { defaults } from "../../src/node/defaults.ts";
import { describeWithNode24, inNode24 } from "../support/node24.ts";

const LISTS = new URL("cipher_lists.ts", import.meta.url);

describe("getCiphers", () => {
  it("lists suites in lower case and order, each of which can be chosen", () => {
    const ciphers = getCiphers();
    assertEquals(ciphers, [...new Set(ciphers)].sort());
    for (const name of ["aes256-sha", "tls_chacha20_poly1305_sha256"]) {
      assert(ciphers.includes(name));
    }
    for (const name of ciphers) {
      createSecureContext({ ciphers: name.toUpperCase() }).context.close();
    }
    ciphers.pop();
    assert(getCiphers().length > ciphers.length);
  });
});

describeWithNode24("the cipher suites, beside Node.js 24's", () => {
  it("are the same but for SRP, and so are those by default", async () => {
    const theirs = await inNode24<[string[], object]>(LISTS, null);
    const [ciphers, theirDefaults] = theirs;
    assertEquals(
      getCiphers(),
      ciphers.filter((name) => !name.startsWith("srp-")),
    );
    assertEquals({ ...defaults }, theirDefaults);
  });
});
