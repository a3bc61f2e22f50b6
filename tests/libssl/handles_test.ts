/** Handles: what can't be named can't be used, and nothing of it is a crash. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Handle, Libssl } from "../../src/libssl/mod.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

/** Of each kind how it is made, used and freed. */
const KINDS: Record<string, {
  make(libssl: Libssl): Handle | null;
  use(libssl: Libssl, handle: never): unknown;
  free(libssl: Libssl, handle: never): unknown;
}> = {
  SSL_CTX: {
    make: (libssl) => libssl.SSL_CTX_new(libssl.TLS_method()),
    use: (libssl, ctx) => libssl.SSL_CTX_get_timeout(ctx),
    free: (libssl, ctx) => libssl.SSL_CTX_free(ctx),
  },
  SSL: {
    make: (libssl) => {
      const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
      const ssl = libssl.SSL_new(ctx);
      libssl.SSL_CTX_free(ctx);
      return ssl;
    },
    use: (libssl, ssl) => libssl.SSL_get_version(ssl),
    free: (libssl, ssl) => libssl.SSL_free(ssl),
  },
  SSL_SESSION: {
    make: (libssl) => libssl.SSL_SESSION_new(),
    use: (libssl, session) => libssl.SSL_SESSION_get_id(session),
    free: (libssl, session) => libssl.SSL_SESSION_free(session),
  },
  SSL_CONF_CTX: {
    make: (libssl) => libssl.SSL_CONF_CTX_new(),
    use: (libssl, cctx) => libssl.SSL_CONF_CTX_finish(cctx),
    free: (libssl, cctx) => libssl.SSL_CONF_CTX_free(cctx),
  },
  BIO: {
    make: (libssl) => libssl.BIO_new_mem(),
    use: (libssl, bio) => libssl.BIO_ctrl_pending(bio),
    free: (libssl, bio) => libssl.BIO_free(bio),
  },
  X509: {
    make: (libssl) => libssl.X509_new(),
    use: (libssl, x) => libssl.X509_get_subject_name(x),
    free: (libssl, x) => libssl.X509_free(x),
  },
  X509_STORE: {
    make: (libssl) => libssl.X509_STORE_new(),
    use: (libssl, store) => libssl.X509_STORE_set_flags(store, 0),
    free: (libssl, store) => libssl.X509_STORE_free(store),
  },
  EVP_PKEY: {
    make: (libssl) => libssl.EVP_EC_gen("P-256"),
    use: (libssl, key) => libssl.EVP_PKEY_get_bits(key),
    free: (libssl, key) => libssl.EVP_PKEY_free(key),
  },
};

describe("misuse of a handle is a TypeError, and the instance works on", () => {
  for (const [kind, { make, use, free }] of Object.entries(KINDS)) {
    it(`${kind}: use after free, and a second free`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const handle = made(make(libssl)) as never;
      use(libssl, handle);
      free(libssl, handle);
      const freed = `Cannot use the ${kind}: it has been freed`;
      assertThrows(() => use(libssl, handle), TypeError, freed);
      assertThrows(() => free(libssl, handle), TypeError, freed);
      assertWorks(peers);
    });

    it(`${kind}: a handle of another instance`, () => {
      using peers = new Peers();
      using others = new Peers();
      const foreign = made(make(others.libssl)) as never;
      const message = `Expected a handle of ${kind} of this OpenSSL ` +
        `instance, received ${kind} of another instance`;
      const { libssl } = peers;
      assertThrows(() => use(libssl, foreign), TypeError, message);
      assertThrows(() => free(libssl, foreign), TypeError, message);
      use(others.libssl, foreign);
      free(others.libssl, foreign);
      assertWorks(peers);
    });

    it(`${kind}: a handle of another kind`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const [other, { make }] = kind === "BIO"
        ? ["X509", made(KINDS["X509"] ?? null)]
        : ["BIO", made(KINDS["BIO"] ?? null)];
      const wrong = made(make(libssl)) as never;
      const message = `Expected a handle of ${kind}, received one of ${other}`;
      assertThrows(() => use(libssl, wrong), TypeError, message);
      assertThrows(() => free(libssl, wrong), TypeError, message);
      assertWorks(peers);
    });

    it(`${kind}: what is no handle`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      for (
        const [value, words] of [
          [null, "null"],
          [undefined, "undefined"],
          [0, "a value of type number"],
          [65536, "a value of type number"],
          [16n, "a value of type bigint"],
          ["SSL", "a value of type string"],
          [Symbol.iterator, "a value of type symbol"],
          [{}, "a value of type object"],
          [Promise.resolve(), "a value of type object"],
          [() => 0, "a value of type function"],
        ] as const
      ) {
        const message = `Expected a handle of ${kind} of this OpenSSL ` +
          `instance, received ${words}`;
        assertThrows(() => use(libssl, value as never), TypeError, message);
        if (value === null) free(libssl, value as never);
        else {assertThrows(
            () => free(libssl, value as never),
            TypeError,
            message,
          );}
      }
      assertWorks(peers);
    });
  }
});

describe("a handle", () => {
  it("leads to nothing by which another one could be made", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    const prototype = Object.getPrototypeOf(ctx);
    assertEquals(Reflect.ownKeys(prototype), []);
    assertEquals(Object.getPrototypeOf(prototype), null);
    const forged = Object.create(ctx);
    for (const handle of [forged, { ...ctx }, structuredClone(ctx)]) {
      assertThrows(
        () => libssl.SSL_CTX_get_timeout(handle),
        TypeError,
        "received a value of type object",
      );
    }
    assertThrows(() => Object.assign(prototype, { a: 1 }), TypeError);
    libssl.SSL_CTX_free(ctx);
  });
});

function assertWorks(peers: Peers): void {
  const pair = peers.connect(peers.server(), peers.client());
  pair.write("client", "works");
  assertEquals(pair.read("server"), "works");
}
