/** OpenSSL's heap (wasm/heap.c): blocks that are given back are kept for whoever asks next. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../src/libssl/mod.ts";

/** More sessions than the heap keeps the memory of. */
const MANY = 3_000;
/** What the heap keeps at most, of small blocks. */
const MOST_KEPT = 256 * 1024;

describe("Memory that OpenSSL gives back", () => {
  it("is nobody's, though it is kept", () => {
    const openssl = new OpenSSL();
    const before = openssl.memory.used;
    makeSessions(openssl, 1);
    assertEquals(openssl.memory.used, before);
    makeSessions(openssl, MANY);
    assertEquals(openssl.memory.used, before);
  });

  it("is taken again, so that the instance doesn't grow", () => {
    const openssl = new OpenSSL();
    makeSessions(openssl, MANY);
    const { total } = openssl.memory;
    for (let i = 0; i < 3; i++) makeSessions(openssl, MANY);
    assertEquals(openssl.memory.total, total);
  });

  it("goes back to whoever needs larger blocks, but for 256 KiB", () => {
    const openssl = new OpenSSL();
    const { total } = openssl.memory;
    makeSessions(openssl, MANY);
    const grown = openssl.memory.total - total;
    const { libssl } = openssl;
    const pair = libssl.BIO_new_bio_pair(grown - 2 * MOST_KEPT, 1);
    assert(pair !== null);
    assertEquals(openssl.memory.total, total + grown);
    for (const end of pair) libssl.BIO_free(end);
  });
});

function makeSessions({ libssl }: OpenSSL, count: number): void {
  const sessions = Array.from(
    { length: count },
    () => libssl.SSL_SESSION_new(),
  );
  for (const session of sessions) libssl.SSL_SESSION_free(session);
}
