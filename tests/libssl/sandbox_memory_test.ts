/** An instance's memory: what it says, what it holds, and how an instance ends. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { module } from "../../wasm/module.ts";
import { Ffi } from "../../src/ffi/ffi.ts";
import type { Ptr } from "../../src/ffi/pointers.ts";
import {
  OpenSSL,
  type OpenSSLMemory,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_SERVER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TlsError,
} from "../../src/libssl/mod.ts";
import { CallbackLog } from "../support/callback_log.ts";
import { HandshakeError, made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

describe("memory", () => {
  it("is counted, and returns to where it was", () => {
    const openssl = new OpenSSL();
    const { libssl } = openssl;
    const before = openssl.memory;
    assertEquals(before.total % 65536, 0);
    assert(before.used > 0 && before.used < before.total);
    assertEquals(before.handles, 0);

    const [a, b] = made(libssl.BIO_new_bio_pair(4_000_000, 4_000_000));
    const during = openssl.memory;
    assert(during.used > before.used + 8_000_000);
    assert(during.total > before.total);
    assertEquals(during.handles, 2);

    libssl.BIO_free(a);
    libssl.BIO_free(b);
    const after = openssl.memory;
    assertEquals(after, { ...before, total: during.total });
  });

  it("that is used up is an error, not the end", () => {
    const openssl = new OpenSSL();
    const { libssl } = openssl;
    assertEquals(libssl.BIO_new_bio_pair(0xf000_0000, 1), null);
    assertEquals(libssl.ERR_get_error_all()?.reason, "malloc failure");
    const { used } = openssl.memory;
    const [a, b] = made(libssl.BIO_new_bio_pair(1_060_000_000, 1_060_000_000));
    const write = (): number => libssl.BIO_write(a, new Uint8Array(30_000_000));
    const error = assertThrows(
      write,
      TlsError,
      "Cannot allocate 30000000 bytes",
    );
    assertEquals(error.code, "out-of-memory");
    libssl.BIO_free(a);
    libssl.BIO_free(b);
    assertEquals(openssl.memory.used, used);
    libssl.SSL_CTX_free(libssl.SSL_CTX_new(libssl.TLS_method()));
  });
});

describe("an instance that trapped", () => {
  const host = {
    entropy: (out: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(out),
    clock: Date.now,
  };
  const NOWHERE = 0x7fff_fff0 as Ptr<"SSL">;

  it("says so, and with every later call", () => {
    const ffi = new Ffi(module, host);
    const crash = assertThrows(() => ffi.c.SSL_free(NOWHERE), TlsError);
    assertEquals(crash.code, "instance-dead");
    assertEquals(
      crash.message,
      "OpenSSL crashed in SSL_free: this instance can't be used any more",
    );
    assertInstanceOf(crash.cause, WebAssembly.RuntimeError);

    const later = assertThrows(() => ffi.c.TLS_method(), TlsError);
    assertEquals(later.code, "instance-dead");
    assertEquals(
      later.message,
      "Cannot call TLS_method: this OpenSSL instance has crashed; make a new one",
    );
    assertStrictEquals(later.cause, crash.cause);
    const use = (): void => ffi.memory.withBlock(1e6, () => {});
    assertThrows(use, TlsError, "Cannot call malloc");
  });

  it("doesn't take another one along", () => {
    using peers = new Peers();
    const ffi = new Ffi(module, host);
    assertThrows(() => ffi.c.SSL_free(NOWHERE), TlsError, "crashed");
    peers.connect(peers.server(), peers.client());
  });

  it("in a callback is dead too, and the callback's call says so", () => {
    const ffi = new Ffi(module, host);
    let calls = 0;
    ffi.implement("entropy", () => {
      calls++;
      assertThrows(() => ffi.c.SSL_free(NOWHERE), TlsError, "in SSL_free");
      return 1;
    });
    const method = ffi.c.TLS_method();
    const crash = assertThrows(
      () => ffi.c.sesame_context_new(method),
      TlsError,
    );
    assertEquals(
      crash.message,
      "OpenSSL crashed in sesame_context_new: this instance can't be used any more",
    );
    assertInstanceOf(crash.cause, WebAssembly.RuntimeError);
    assertEquals(calls, 1);
    assertThrows(() => ffi.c.TLS_method(), TlsError, "has crashed");
  });
});

/** What malloc rounds up differs by a few bytes; a leak a handshake would be 1280. */
function assertAsBefore(after: OpenSSLMemory, before: OpenSSLMemory): void {
  assertEquals(after.handles, before.handles);
  assertLess(Math.abs(after.used - before.used), 500);
}

describe("handshakes leave nothing behind", () => {
  const COUNT = 80;
  const EXTERNAL = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP;

  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    for (const options of [0n, SSL_OP_NO_TICKET]) {
      const name = version === TLS1_2_VERSION ? "1.2" : "1.3";
      const sort = options === 0n ? "stateless" : "external";

      it(`TLS ${name} with ${sort} sessions, half of them resumed`, () => {
        using peers = new Peers();
        const memoryAfter = (count: number): OpenSSLMemory => {
          const server = peers.server({
            version,
            options,
            cacheMode: EXTERNAL,
          });
          const client = peers.client({ version });
          const diary = new CallbackLog(peers.libssl, server);
          for (let i = 0; i < count; i += 2) {
            const session = peers.visit(server, client);
            const pair = peers.connect(server, client, { session });
            assert(pair.resumed);
            pair.abandon();
          }
          assertEquals(diary.ids("get").length, options ? count / 2 : 0);
          peers.freeAll();
          return peers.openssl.memory;
        };
        const warm = memoryAfter(10);
        assertAsBefore(memoryAfter(COUNT), warm);
      });
    }
  }

  it("failed ones too", () => {
    using peers = new Peers();
    const memoryAfter = (count: number): OpenSSLMemory => {
      const server = peers.server({ version: TLS1_2_VERSION });
      const client = peers.client({ version: TLS1_3_VERSION });
      for (let i = 0; i < count; i++) {
        const pair = peers.pair(server, client);
        assertThrows(() => pair.handshake(), HandshakeError);
        pair.close();
      }
      peers.freeAll();
      return peers.openssl.memory;
    };
    const warm = memoryAfter(5);
    assertAsBefore(memoryAfter(COUNT), warm);
  });

  it("and those that callbacks ended by an exception", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const memoryAfter = (count: number): OpenSSLMemory => {
      const server = peers.server({ options: SSL_OP_NO_TICKET });
      const client = peers.client();
      libssl.SSL_CTX_sess_set_new_cb(server, () => {
        throw new Error("new");
      });
      libssl.SSL_CTX_sess_set_get_cb(server, () => {
        libssl.SSL_SESSION_free(libssl.SSL_SESSION_new());
        throw new Error("get");
      });
      for (let i = 0; i < count; i++) {
        const pair = peers.pair(server, client);
        assertThrows(() => pair.handshake(), AggregateError);
        pair.close();
      }
      peers.freeAll();
      return peers.openssl.memory;
    };
    const warm = memoryAfter(5);
    assertAsBefore(memoryAfter(COUNT), warm);
  });
});
