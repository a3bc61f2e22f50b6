/** Instances start from one snapshot of memory: nothing random and no time is in it. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate, seededEntropy } from "@sesame/tls/testing";
import { Ffi } from "../../src/ffi/ffi.ts";
import {
  OpenSSL,
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TlsError,
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

/** How many contexts the snapshot has. */
const PREPARED = 2;
/** Of a context, the name of its tickets and the key of its cookies; its other keys are apart. */
const RANDOM_IN_A_CONTEXT = 16 + 32;
/** The smallest part of memory that holds a context, roughly. */
const CONTEXT_BYTES = 600;

/** What an instance makes of its entropy, each by a name. */
function secretsOf(
  entropy: (out: Uint8Array<ArrayBuffer>) => void,
): Record<string, Uint8Array> {
  using peers = new Peers({ entropy, clock: () => CLOCK });
  const { libssl } = peers;
  const secrets: Record<string, Uint8Array> = {
    random: made(libssl.RAND_bytes(64)),
  };
  for (let i = 0; i <= PREPARED; i++) {
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    secrets[`ticketKeys ${i}`] = libssl.SSL_CTX_get_tlsext_ticket_keys(ctx);
    libssl.SSL_CTX_free(ctx);
  }
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

  it("have contexts whose keys are each one's own", () => {
    const instances = ["a", "b"].map((seed) =>
      new Ffi(module, { entropy: seededEntropy(seed), clock: () => CLOCK })
    );
    for (let i = 0; i <= PREPARED; i++) {
      const [one, other] = instances.map(({ c, memory }) => {
        const ctx = c.sesame_context_new(c.TLS_method());
        return memory.read(ctx as never, CONTEXT_BYTES);
      });
      const differing = one?.filter((byte, at) => byte !== other?.[at]).length;
      assert(
        differing && differing > RANDOM_IN_A_CONTEXT - PART,
        `${differing}`,
      );
      assert(differing <= RANDOM_IN_A_CONTEXT);
    }
    const { libssl } = new OpenSSL({ entropy: seededEntropy("a") });
    const keys = Array.from({ length: PREPARED + 1 }, () => {
      const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
      return libssl.SSL_CTX_get_tlsext_ticket_keys(ctx).toHex();
    });
    assertEquals(new Set(keys).size, keys.length);
  });

  it("have no context without entropy", () => {
    let failing = true;
    const openssl = new OpenSSL({
      entropy: (out) => {
        if (failing) throw new Error("None");
        crypto.getRandomValues(out);
      },
    });
    const { libssl } = openssl;
    const method = libssl.TLS_method();
    for (let i = 0; i <= PREPARED; i++) {
      assertThrows(() => libssl.SSL_CTX_new(method), TlsError, "random bytes");
    }
    failing = false;
    libssl.SSL_CTX_free(made(libssl.SSL_CTX_new(method)));
  });

  it("don't count contexts that nobody has", () => {
    const openssl = new OpenSSL();
    const { libssl } = openssl;
    const used = Array.from({ length: PREPARED + 1 }, () => {
      libssl.SSL_CTX_free(made(libssl.SSL_CTX_new(libssl.TLS_method())));
      return openssl.memory.used;
    });
    assertEquals(new Set(used).size, 1, used.join(" "));
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
