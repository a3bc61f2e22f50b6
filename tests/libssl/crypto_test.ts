/** What of libcrypto the session machinery uses. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type TicketKey,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

const { libssl } = OpenSSL.default;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

describe("HMAC", () => {
  it("gives what RFC 4231, section 4.3, has for SHA-256", () => {
    assertEquals(
      libssl.HMAC(
        "SHA256",
        bytes("Jefe"),
        bytes("what do ya want for nothing?"),
      ),
      hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    );
  });

  it("knows no digest that OpenSSL doesn't", () => {
    assertEquals(libssl.HMAC("MD99", bytes("k"), bytes("d")), null);
  });

  it("computes with the digest that each call names", () => {
    const sizes = ["SHA256", "SHA512", "SHA256", "MD99", "SHA384"].map((name) =>
      libssl.HMAC(name, bytes("k"), bytes("d"))?.length
    );
    assertEquals(sizes, [32, 64, 32, undefined, 48]);
  });

  it("refuses a digest that is no string, in the first call too", () => {
    const { libssl } = new OpenSSL();
    assertThrows(
      () => libssl.HMAC(undefined as never, bytes("k"), bytes("d")),
      TypeError,
      "Expected a string, received undefined",
    );
  });
});

describe("RAND_bytes", () => {
  it("gives as many as are asked for, and never the same", () => {
    const [one, other] = [libssl.RAND_bytes(32), libssl.RAND_bytes(32)];
    assertEquals(one?.length, 32);
    assertNotEquals(one, other);
    assertEquals(libssl.RAND_bytes(0), new Uint8Array());
  });

  it("refuses what isn't a length", () => {
    assertThrows(() => libssl.RAND_bytes(-1), RangeError, "-1");
    assertThrows(() => libssl.RAND_bytes(0.5), RangeError, "0.5");
  });
});

describe("SSL_CTX_set_tlsext_ticket_key_evp_cb", () => {
  const key = (seed: number): TicketKey => ({
    name: new Uint8Array(16).fill(seed),
    hmacKey: new Uint8Array(32).fill(seed + 1),
    aesKey: new Uint8Array(32).fill(seed + 2),
  });

  it("encrypts tickets by the key that it gives, and finds it by its name", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const client = peers.client();
    const asked: (Uint8Array | null)[] = [];
    libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, (_ssl, name) => {
      asked.push(name);
      return { key: key(7), renew: false };
    });
    const session = peers.visit(ctx, client);
    assertEquals(asked, [null, null]);
    const ticket = libssl.SSL_SESSION_get0_ticket(session);
    assertEquals(ticket.subarray(0, 16), key(7).name);
    asked.length = 0;
    assert(peers.connect(ctx, client, { session }).resumed);
    assertEquals(asked[0], key(7).name);
  });

  it("has a full handshake follow a ticket whose key is gone", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const client = peers.client();
    libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(
      ctx,
      (_ssl, name) => name === null ? { key: key(7), renew: false } : null,
    );
    const session = peers.visit(ctx, client);
    assertEquals(peers.connect(ctx, client, { session }).resumed, false);
  });

  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`goes on without a ticket when there is no key for a new one, in TLS ${name}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const ctx = peers.server({ version });
      const client = peers.client();
      let asked = 0;
      libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, () => {
        asked++;
        return null;
      });
      const pair = peers.pair(ctx, client);
      pair.handshake();
      assert(asked > 0);
      const session = made(libssl.SSL_get_session(pair.client));
      assertEquals(libssl.SSL_SESSION_get0_ticket(session).length, 0);
    });

    it(`ends the handshake when the callback throws, in TLS ${name}`, () => {
      using peers = new Peers();
      const ctx = peers.server({ version });
      peers.libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, () => {
        throw new Error("no keys today");
      });
      const pair = peers.pair(ctx, peers.client());
      assertThrows(() => pair.handshake(), Error, "no keys today");
    });
  }

  it("refuses keys of other sizes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, () => ({
      key: { ...key(7), aesKey: new Uint8Array(31) },
      renew: false,
    }));
    assertThrows(() => peers.visit(ctx, peers.client()), RangeError, "aesKey");
  });
});
