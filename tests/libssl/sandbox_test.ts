/** An instance is a sandbox: its entropy and its clock are its own. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  OpenSSL,
  SSL_OP_NO_TICKET,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  TlsError,
} from "../../src/libssl/mod.ts";
import { HandshakeError, made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

describe("entropy", () => {
  it("isn't drawn until it is needed", () => {
    let draws = 0;
    const openssl = new OpenSSL({
      entropy: (out) => {
        draws++;
        crypto.getRandomValues(out);
      },
    });
    assertEquals(openssl.version.slice(0, 13), "OpenSSL 3.5.7");
    openssl.libssl.SSL_SESSION_free(openssl.libssl.SSL_SESSION_new());
    assertEquals(draws, 0);
    openssl.libssl.EVP_PKEY_free(openssl.libssl.EVP_EC_gen("P-256"));
    assert(draws > 0);
  });

  it("differs between instances: no two client randoms are the same", () => {
    const hellos = [0, 1, 2, 3].map(() => {
      using peers = new Peers();
      return [helloOf(peers), helloOf(peers)];
    }).flat();
    const randoms = hellos.map((hello) => hello.slice(22, 22 + 64));
    assertEquals(new Set(randoms).size, randoms.length);
  });

  it("that is fixed makes two instances send the same client hello, byte by byte", () => {
    const hellos = [1, 1, 2].map((seed) => {
      using peers = new Peers({ entropy: sequenceFrom(seed) });
      return helloOf(peers);
    });
    assertEquals(hellos[0], hellos[1]);
    assertNotEquals(hellos[0], hellos[2]);
  });

  it("is all that keys and ids come from", () => {
    const [one, other] = [1, 1].map((seed) => {
      using peers = new Peers({ entropy: sequenceFrom(seed) });
      const server = peers.server({
        version: TLS1_2_VERSION,
        options: SSL_OP_NO_TICKET,
      });
      const session = peers.visit(server, peers.client());
      return [
        peers.libssl.SSL_SESSION_get_id(session).toHex(),
        peers.libssl.SSL_SESSION_get_master_key(session).toHex(),
      ];
    });
    assertEquals(one, other);
  });

  for (
    const [name, needEntropy] of Object.entries({
      SSL_CTX_new: (libssl: Libssl) => libssl.SSL_CTX_new(libssl.TLS_method()),
      EVP_EC_gen: (libssl: Libssl) => libssl.EVP_EC_gen("P-256"),
      EVP_PKEY_Q_keygen: (libssl: Libssl) =>
        libssl.EVP_PKEY_Q_keygen("ED25519"),
      EVP_RSA_gen: (libssl: Libssl) => libssl.EVP_RSA_gen(512),
    })
  ) {
    it(`that fails is a TlsError of ${name}, and leaks nothing`, () => {
      let cause: Error | undefined = new Error("no entropy today");
      const openssl = new OpenSSL({
        entropy: (out) => {
          if (cause) throw cause;
          crypto.getRandomValues(out);
        },
      });
      const fail = (): void => {
        const error = assertThrows(() => needEntropy(openssl.libssl), TlsError);
        assertEquals(error.code, "no-entropy");
        assertStrictEquals(error.cause, cause);
      };
      fail();
      openssl.libssl.ERR_clear_error();
      const { used, handles } = openssl.memory;
      for (let i = 0; i < 5; i++) {
        fail();
        openssl.libssl.ERR_clear_error();
      }
      assertEquals(openssl.memory.used, used);
      assertEquals(openssl.memory.handles, handles);

      cause = undefined;
      assert(needEntropy(openssl.libssl) !== null);
    });
  }

  it("that fails later than that fails the handshake", () => {
    let fails = false;
    using peers = new Peers({
      entropy: (out) => {
        if (fails) throw new Error("no entropy any more");
        crypto.getRandomValues(out);
      },
    });
    const { libssl } = peers;
    const pair = peers.pair(peers.server(), peers.client());
    // OpenSSL draws anew when the generator's hour is over.
    peers.sleep(24 * 3600);
    fails = true;
    const error = assertThrows(() => pair.handshake(), TlsError);
    assertEquals(error.code, "no-entropy");
    assertEquals(libssl.SSL_is_init_finished(pair.server), 0);
    fails = false;
    peers.connect(peers.server(), peers.client());
  });

  /** A client's hello, in hex. */
  function helloOf(peers: Peers): string {
    const { libssl } = peers;
    const pair = peers.pair(peers.server(), peers.client());
    pair.step("client");
    const bio = made(libssl.SSL_get_rbio(pair.server));
    const hello = new Uint8Array(libssl.BIO_ctrl_pending(bio));
    libssl.BIO_read(bio, hello);
    return hello.toHex();
  }

  function sequenceFrom(seed: number): (out: Uint8Array) => void {
    let next = seed;
    return (out) => out.forEach((_, i) => out[i] = next++);
  }
});

describe("the clock", () => {
  it("is the time of sessions", () => {
    using peers = new Peers();
    const { libssl } = peers;
    peers.nowMs = Date.UTC(2031, 1, 2, 3, 4, 5, 678);
    assertEquals(peers.openssl.now(), peers.nowMs);
    const session = peers.visit(peers.server(), peers.client());
    assertEquals(libssl.SSL_SESSION_get_time_ex(session), peers.now);
  });

  it("ends sessions", () => {
    using peers = new Peers();
    const server = peers.server();
    const client = peers.client();
    peers.libssl.SSL_CTX_set_timeout(server, 100);
    const session = peers.visit(server, client);
    peers.sleep(100);
    assert(peers.connect(server, client, { session }).resumed);
    peers.sleep(1);
    assert(!peers.connect(server, client, { session }).resumed);
  });

  it("ends certificates", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const client = peers.client();
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, null);
    const store = made(libssl.SSL_CTX_get_cert_store(client));
    libssl.X509_STORE_add_cert(store, peers.certificate("P-256").cert);
    const resultIn = (year: number): string => {
      peers.nowMs = Date.UTC(year);
      const pair = peers.pair(peers.server(), client);
      const failure = "client: certificate verify failed";
      if (year === 2050) pair.handshake();
      else assertThrows(() => pair.handshake(), HandshakeError, failure);
      const result = libssl.SSL_get_verify_result(pair.client);
      return libssl.X509_verify_cert_error_string(result);
    };
    assertEquals(resultIn(1999), "certificate is not yet valid");
    assertEquals(resultIn(2050), "ok");
    assertEquals(resultIn(2101), "certificate has expired");
  });

  it("that fails is thrown, and leaks nothing", () => {
    let cause: Error | undefined;
    using peers = new Peers({
      clock: () => {
        if (cause) throw cause;
        return Date.UTC(2026);
      },
    });
    const { libssl, openssl } = peers;
    const session = peers.visit(peers.server(), peers.client());
    const der = made(libssl.i2d_SSL_SESSION(session));
    const makers: Record<string, () => unknown> = {
      SSL_CTX_new: () => libssl.SSL_CTX_new(libssl.TLS_method()),
      SSL_SESSION_new: () => libssl.SSL_SESSION_new(),
      d2i_SSL_SESSION: () => libssl.d2i_SSL_SESSION(der),
    };
    for (const [name, make] of Object.entries(makers)) {
      const before = openssl.memory;
      cause = new Error("no time");
      assertThrows(make, Error);
      cause = undefined;
      assertEquals(openssl.memory, before, name);
    }
  });

  it("is Date.now unless given", () => {
    const before = Date.now();
    const now = new OpenSSL().now();
    assert(before <= now && now <= Date.now());
  });
});

describe("the options", () => {
  it("are checked", () => {
    const options = { entropy: 1, clock: "now", module: {} };
    for (const [name, value] of Object.entries(options)) {
      assertThrows(
        () => new OpenSSL({ [name]: value }),
        TypeError,
        `options.${name} must be a `,
      );
    }
  });
});
