/** What SECURITY.md says of OpenSSL's advisories: what isn't in the module can't be reached. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type SSL_CTX, TLS1_2_VERSION } from "../../src/libssl/mod.ts";
import { module } from "../../wasm/module.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

const TEXT = await Deno.readTextFile(
  new URL("../../SECURITY.md", import.meta.url),
);
const TARGET = await Deno.readTextFile(
  new URL("../../wasm/sesame.conf", import.meta.url),
);
const exported = WebAssembly.Module.exports(module).map(({ name }) => name);

function exportsLike(pattern: RegExp): string[] {
  return exported.filter((name) => pattern.test(name));
}

describe("OpenSSL's advisories", () => {
  it("that are of code which isn't built: it isn't", () => {
    const features = TEXT.matchAll(/not built \(`no-([\w-]+)`\)/g);
    const names = new Set(Array.from(features, ([, name]) => name ?? ""));
    assert(names.size >= 4);
    for (const name of names) assertMatch(TARGET, new RegExp(`\\b${name}\\b`));
    assertEquals(exportsLike(/DTLS|QUIC|CMP|CMS|SM2/), []);
  });

  it("are told of for the version that is built", async () => {
    const build = await Deno.readTextFile(
      new URL("../../build.sh", import.meta.url),
    );
    const version = /^VERSION=(.*)$/m.exec(build)?.[1];
    assert(TEXT.includes(`is OpenSSL ${version},`));
  });
});

describe("CVE-2026-72897: all contexts of an instance", () => {
  it("are of one library context, into which no provider can be loaded", () => {
    assertEquals(
      exportsLike(/PROVIDER|LIB_CTX|CONF_modules|ENGINE|^SSL_CTX_new_ex$/),
      [],
    );
    assertMatch(TARGET, /\bautoload-config\b[^]*\bmodule\b/);
  });

  it("know the same signature algorithms, whenever they were made", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const offered = (ctx: SSL_CTX): string => {
      const server = peers.server();
      let list = "";
      libssl.SSL_CTX_set_client_hello_cb(server, (ssl) => {
        list = String(libssl.SSL_client_hello_get0_ext(ssl, 13));
        return 1;
      });
      const pair = peers.pair(server, ctx);
      pair.step("client");
      pair.step("server");
      pair.close();
      return list;
    };
    const first = offered(peers.client());
    assert(first.length > 0);
    for (const keyType of ["Ed25519", "P-256"] as const) {
      const server = peers.server({ keyType });
      peers.connect(server, peers.client()).close();
    }
    const last = peers.client();
    assertEquals(offered(last), first);
    // What OpenSSL 3.5's own provider would add, and what its slots would be for.
    assertEquals(libssl.SSL_CTX_set1_sigalgs_list(last, "mldsa65"), 0);
  });
});

describe("CVE-2026-14457", () => {
  it("is of raw public keys, which nothing turns on", () => {
    assertEquals(exportsLike(/_(client|server)_cert_type|rpk/), []);
  });
});

describe("CVE-2026-75803: an empty record with a tag that is wrong", () => {
  it("is refused, and EVP_Cipher can't be called", () => {
    assertEquals(exportsLike(/^EVP_Cipher$/), []);
  });

  const EXPLICIT_NONCE = 8;
  const TAG = 16;
  for (
    const [cipher, size] of [
      ["ECDHE-ECDSA-CHACHA20-POLY1305", TAG],
      ["ECDHE-ECDSA-AES128-GCM-SHA256", EXPLICIT_NONCE + TAG],
      ["ECDHE-ECDSA-AES128-CCM", EXPLICIT_NONCE + TAG],
    ] as const
  ) {
    it(cipher, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const client = peers.client({ version: TLS1_2_VERSION });
      const server = peers.server();
      for (const ctx of [client, server]) {
        assertEquals(libssl.SSL_CTX_set_cipher_list(ctx, cipher), 1);
      }
      const pair = peers.connect(server, client);
      const wire = made(libssl.SSL_get_wbio(pair.client));
      libssl.ERR_clear_error();
      const record = Uint8Array.of(23, 3, 3, 0, size, ...new Uint8Array(size));
      assertEquals(libssl.BIO_write(wire, record), record.length);
      assertEquals(pair.read("server"), "");
      assertMatch(
        String(libssl.ERR_get_error_all()?.reason),
        /bad record mac|cipher operation failed/,
      );
      libssl.ERR_clear_error();
      pair.read("client");
      assertEquals(
        libssl.ERR_get_error_all()?.reason,
        "ssl/tls alert bad record mac",
      );
      pair.close();
    });
  }
});
