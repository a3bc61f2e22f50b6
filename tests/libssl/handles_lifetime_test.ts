/** Handles: how long the object lives that they name, and who gives it back. */
import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { BIO } from "../../src/libssl/mod.ts";
import { made } from "../support/pair.ts";
import { Peers, STATEFUL } from "../support/peers.ts";

describe("references", () => {
  it("are counted as in C: the object lives as long as one is held", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = made(libssl.SSL_SESSION_new());
    assertEquals(libssl.SSL_SESSION_up_ref(session), 1);
    libssl.SSL_SESSION_free(session);
    libssl.SSL_SESSION_get_id(session);
    libssl.SSL_SESSION_free(session);
    assertThrows(() => libssl.SSL_SESSION_get_id(session), TypeError, "freed");
  });

  it("that are borrowed can't be given back", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(), peers.client());
    const session = made(libssl.SSL_get_session(pair.client));
    const message = "Cannot give up a reference to the SSL_SESSION: " +
      "this program holds none";
    assertThrows(() => libssl.SSL_SESSION_free(session), TypeError, message);
    assertWorks(peers);
  });

  it("that OpenSSL took over can't be given back", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ssl = made(libssl.SSL_new(peers.client()));
    const bio = made(libssl.BIO_new_mem());
    libssl.SSL_set_bio(ssl, bio, bio);
    assertThrows(() => libssl.BIO_free(bio), TypeError, "holds none");
    libssl.SSL_free(ssl);
    assertThrows(() => libssl.BIO_free(bio), TypeError, "freed");
  });

  it("to BIOs are taken by SSL_set_bio as by C, which has a rule for every case", () => {
    /** The BIOs that are set first and then: which gave a reference the second time. */
    const cases: [then: string, now: string, given: string][] = [
      ["aa", "aa", ""],
      ["ab", "ab", ""],
      ["aa", "bb", "b"],
      ["aa", "bc", "bc"],
      ["aa", "ab", "b"],
      ["aa", "ba", "ba"],
      ["ab", "ac", "c"],
      ["ab", "cb", "c"],
      ["ab", "ba", "ba"],
      ["ab", "cc", "c"],
    ];
    for (const [then, now, given] of cases) {
      using peers = new Peers();
      const { libssl } = peers;
      const ssl = made(libssl.SSL_new(peers.client()));
      const bios = new Map(
        ["a", "b", "c"].map((name) => [name, made(libssl.BIO_new_mem())]),
      );
      for (const bio of bios.values()) libssl.BIO_up_ref(bio);
      for (const [read, write] of [then, now]) {
        const bio = (name = ""): BIO => made(bios.get(name) ?? null);
        libssl.SSL_set_bio(ssl, bio(read), bio(write));
      }
      libssl.SSL_free(ssl);

      for (const [name, bio] of bios) {
        const first = then.includes(name) ? 1 : 0;
        const second = given.includes(name) ? 1 : 0;
        for (let i = first + second; i < 2; i++) libssl.BIO_free(bio);
        const use = (): unknown => libssl.BIO_ctrl_pending(bio);
        assertThrows(use, TypeError, "freed", `${name}: ${then}, ${now}`);
      }
    }
  });

  it("are given all or none: a BIO isn't lost with one that can't be given", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ssl = made(libssl.SSL_new(peers.client()));
    const [mine, given] = [
      made(libssl.BIO_new_mem()),
      made(libssl.BIO_new_mem()),
    ];
    libssl.SSL_set0_rbio(ssl, given);
    const set = (): void => libssl.SSL_set_bio(ssl, mine, given);
    assertThrows(set, TypeError, "this program holds none");
    assertEquals(libssl.BIO_free(mine), 1);
    libssl.SSL_free(ssl);
  });
});

describe("a handle dies when OpenSSL frees its object", () => {
  it("a session, with its connection or its cache entry", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(), peers.client());
    const session = made(libssl.SSL_get_session(pair.client));
    pair.close();
    assertFreed(() => libssl.SSL_SESSION_get_id(session));

    const server = peers.server(STATEFUL);
    const other = peers.connect(server, peers.client());
    const cached = made(libssl.SSL_get_session(other.server));
    other.close();
    libssl.SSL_SESSION_get_id(cached);
    libssl.SSL_CTX_flush_sessions(server, 0);
    assertFreed(() => libssl.SSL_SESSION_get_id(cached));
  });

  it("a BIO and a peer's certificate, with their connection", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(), peers.client());
    const bio = made(libssl.SSL_get_rbio(pair.client));
    const cert = made(libssl.SSL_get0_peer_certificate(pair.client));
    pair.close();
    assertFreed(() => libssl.BIO_ctrl_pending(bio));
    assertFreed(() => libssl.X509_get_subject_name(cert));
  });

  it("a context, with its last connection", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    const store = made(libssl.SSL_CTX_get_cert_store(ctx));
    const ssl = made(libssl.SSL_new(ctx));
    libssl.SSL_CTX_free(ctx);
    assertEquals(libssl.SSL_CTX_get_timeout(ctx), 7200);
    libssl.SSL_free(ssl);
    assertFreed(() => libssl.SSL_CTX_get_timeout(ctx));
    assertFreed(() => libssl.X509_STORE_set_flags(store, 0));
  });

  function assertFreed(use: () => unknown): void {
    assertThrows(use, TypeError, "it has been freed");
  }
});

describe("a handle", () => {
  it("is the same for the same object, and shows its kind only", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    const pair = peers.pair(peers.server(), ctx);
    assertStrictEquals(libssl.SSL_get_SSL_CTX(pair.client), ctx);
    assertEquals(
      String(Object.prototype.toString.call(ctx)),
      "[object SSL_CTX]",
    );
    assertEquals(Reflect.ownKeys(ctx), [Symbol.toStringTag]);
    assert(Object.isFrozen(ctx));
  });

  it("isn't that of a new object at the old one's address", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const before = made(libssl.SSL_SESSION_new());
    libssl.SSL_SESSION_free(before);
    const after = made(libssl.SSL_SESSION_new());
    assertNotStrictEquals(after, before);
    assertThrows(() => libssl.SSL_SESSION_get_id(before), TypeError, "freed");
    assertEquals(libssl.SSL_SESSION_get_id(after).length, 0);
    libssl.SSL_SESSION_free(after);
  });
});

function assertWorks(peers: Peers): void {
  const pair = peers.connect(peers.server(), peers.client());
  pair.write("client", "works");
  assertEquals(pair.read("server"), "works");
}
