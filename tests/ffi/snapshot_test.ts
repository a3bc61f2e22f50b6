/** Instances start from one snapshot of memory: nothing random and no time is in it. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate, seededEntropy } from "@sesame/tls/testing";
import { Ffi } from "../../src/ffi/ffi.ts";
import {
  OpenSSL,
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { module } from "../../wasm/module.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

const CLOCK = Date.UTC(2026, 0, 2, 3, 4, 5);
/** Parts of what is random that are as long as these are alike by no chance. */
const PART = 8;
/** Where the scalar of P-256 is in a key of PKCS#8. */
const SCALAR_AT = 36;
const SCALAR_BYTES = 32;

/** What an instance makes of its entropy, each by a name. */
function secretsOf(
  entropy: (out: Uint8Array<ArrayBuffer>) => void,
): Record<string, Uint8Array> {
  using peers = new Peers({ entropy, clock: () => CLOCK });
  const { libssl } = peers;
  const secrets: Record<string, Uint8Array> = {
    random: made(libssl.RAND_bytes(64)),
  };
  const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
  secrets.ticketKeys = libssl.SSL_CTX_get_tlsext_ticket_keys(ctx);
  libssl.SSL_CTX_free(ctx);
  const { key } = createTestCertificate({ openssl: peers.openssl });
  const der = Uint8Array.fromBase64(key.replaceAll(/-.*-|\s/g, ""));
  secrets.key = der.slice(SCALAR_AT, SCALAR_AT + SCALAR_BYTES);
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const server = peers.server({ version, options: SSL_OP_NO_TICKET });
    const session = peers.visit(server, peers.client());
    secrets[`id ${version}`] = libssl.SSL_SESSION_get_id(session).slice();
    secrets[`master key ${version}`] = libssl.SSL_SESSION_get_master_key(
      session,
    ).slice();
  }
  return secrets;
}

/** What occurs in both, of what is random in either. */
function shared(
  one: Record<string, Uint8Array>,
  other: Record<string, Uint8Array>,
): string[] {
  const parts = new Set<string>();
  for (const bytes of Object.values(one)) {
    assert(bytes.length >= PART);
    for (let at = 0; at + PART <= bytes.length; at++) {
      parts.add(bytes.subarray(at, at + PART).toHex());
    }
  }
  return Object.entries(other).filter(([, bytes]) => {
    for (let at = 0; at + PART <= bytes.length; at++) {
      if (parts.has(bytes.subarray(at, at + PART).toHex())) return true;
    }
    return false;
  }).map(([name]) => name);
}

describe("Instances of one snapshot", () => {
  it("share no random byte, key, session id or ticket key", () => {
    const fromHost = (out: Uint8Array<ArrayBuffer>): void =>
      void crypto.getRandomValues(out);
    assertEquals(shared(secretsOf(fromHost), secretsOf(fromHost)), []);
    const [one, other] = ["a", "b"].map((seed) =>
      secretsOf(seededEntropy(seed))
    );
    assert(one !== undefined && other !== undefined);
    assertEquals(shared(one, other), []);
  });

  it("have nothing but their host's entropy to differ by", () => {
    const [one, other] = ["a", "a"].map((seed) =>
      secretsOf(seededEntropy(seed))
    );
    assertEquals(one, other);
  });

  it("draw entropy before the first byte that is random, each for itself", () => {
    for (let instance = 0; instance < 2; instance++) {
      let drawn = 0;
      const openssl = new OpenSSL({
        entropy: (out) => {
          drawn += out.length;
          crypto.getRandomValues(out);
        },
      });
      assertEquals(drawn, 0);
      assertEquals(openssl.libssl.RAND_bytes(1)?.length, 1);
      // The seeds of the first generator, of 256 bits, and of the one that is asked.
      assert(drawn >= 32, `${drawn} bytes were drawn`);
    }
  });

  it("ask for the time, which is none in the snapshot", () => {
    for (const now of [CLOCK, CLOCK + 86_400_000]) {
      const { libssl } = new OpenSSL({ clock: () => now });
      const session = made(libssl.SSL_SESSION_new());
      assertEquals(libssl.SSL_SESSION_get_time_ex(session), now / 1000);
      libssl.SSL_SESSION_free(session);
    }
  });

  it("start alike, and without a call of the host", () => {
    const refuse = (): never => {
      throw new Error("The host was called");
    };
    const [one, other] = [0, 1].map(() => {
      const { c, memory } = new Ffi(module, { entropy: refuse, clock: refuse });
      assertEquals(c.ERR_peek_error(), 0);
      return memory.read(0 as never, c.memory.buffer.byteLength);
    });
    assertEquals(one, other);
    assertNotEquals(one?.length, 0);
  });
});
