/** Calls that C can't bear, or that it would do something else with. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ffi } from "../../src/ffi/ffi.ts";
import {
  OpenSSL,
  SSL_CONF_FLAG_FILE,
  SSL_CONF_FLAG_SERVER,
  SSL_OP_NO_TICKET,
  type SSL_SESSION,
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TlsError,
} from "../../src/libssl/mod.ts";
import { createLibssl } from "../../src/libssl/libssl.ts";
import { module } from "../../wasm/module.ts";
import { made } from "../support/pair.ts";
import { NULL, offset } from "../../src/ffi/pointers.ts";
import { Peers } from "../support/peers.ts";

const { libssl } = OpenSSL.default;
const STATEFUL = { options: SSL_OP_NO_TICKET };

describe("SSL_CONF_CTX", () => {
  it("refuses to configure what has been freed", () => {
    const conf = made(libssl.SSL_CONF_CTX_new());
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    libssl.SSL_CONF_CTX_set_flags(
      conf,
      SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER,
    );
    libssl.SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    assertEquals(libssl.SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.2"), 2);
    libssl.SSL_CTX_free(ctx);
    assertThrows(
      () => libssl.SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.2"),
      TypeError,
      "it has been freed",
    );
    assertThrows(() => libssl.SSL_CONF_CTX_finish(conf), TypeError);
    libssl.SSL_CONF_CTX_free(conf);
  });

  it("refuses a command that nothing was set for", () => {
    const conf = made(libssl.SSL_CONF_CTX_new());
    libssl.SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_FILE);
    assertThrows(
      () => libssl.SSL_CONF_cmd(conf, "SignatureAlgorithms", "ed25519"),
      TypeError,
      "call SSL_CONF_CTX_set_ssl_ctx or SSL_CONF_CTX_set_ssl first",
    );
    libssl.SSL_CONF_CTX_free(conf);
  });
});

describe("A session in the internal caches of two contexts", () => {
  it("is a copy in the second, when a get callback brings it there", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [one, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const kept = new Map<string, SSL_SESSION>();
    libssl.SSL_CTX_sess_set_new_cb(one, (_ssl, session) => {
      kept.set(libssl.SSL_SESSION_get_id(session).toHex(), session);
      return 1;
    });
    libssl.SSL_CTX_sess_set_get_cb(
      other,
      (_ssl, id) => kept.get(id.toHex()) ?? null,
    );
    const client = peers.client();
    const sessions = [1, 2, 3].map(() => peers.visit(one, client));
    for (const session of sessions) {
      assert(peers.connect(other, client, { session }).resumed);
    }
    for (const session of kept.values()) libssl.SSL_SESSION_free(session);
    peers.freeAll(); // looped for ever
  });

  it("is refused, when it is added there", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [one, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const session = made(
      libssl.SSL_SESSION_dup(peers.visit(one, peers.client())),
    );
    assertEquals(libssl.SSL_CTX_add_session(one, session), 1);
    assertThrows(
      () => libssl.SSL_CTX_add_session(other, session),
      TypeError,
      "another context's cache",
    );
    libssl.SSL_SESSION_free(session);
  });

  it("is refused there, when OpenSSL put it into the first by itself", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [one, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const pair = peers.connect(one, peers.client({ version: TLS1_2_VERSION }));
    const session = made(libssl.SSL_get1_session(pair.server));
    const add = (): number => libssl.SSL_CTX_add_session(other, session);
    assertThrows(add, TypeError, "another context's cache");
    // Where it isn't, removing it changes nothing.
    assertEquals(libssl.SSL_CTX_remove_session(other, session), 0);
    assertThrows(add, TypeError, "another context's cache");
    assertEquals(libssl.SSL_CTX_remove_session(one, session), 1);
    assertEquals(add(), 1);
    libssl.SSL_SESSION_free(session);
    pair.close();
  });

  it("is refused when it is added to two of them in one callback", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [one, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const session = made(
      libssl.SSL_SESSION_dup(peers.visit(one, peers.client())),
    );
    const server = peers.server(STATEFUL);
    libssl.SSL_CTX_set_client_hello_cb(server, () => {
      libssl.SSL_CTX_add_session(one, session);
      libssl.SSL_CTX_add_session(other, session);
      return 1;
    });
    assertThrows(
      () => peers.connect(server, peers.client()),
      TypeError,
      "another context's cache",
    );
    assertEquals(libssl.SSL_CTX_sess_number(other), 0);
    libssl.SSL_SESSION_free(session);
  });
});

describe("A session in an internal cache", () => {
  it("keeps its id and version, by which C finds it to be freed", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const pair = peers.connect(
      server,
      peers.client({ version: TLS1_2_VERSION }),
    );
    const session = made(libssl.SSL_get1_session(pair.server));
    const change = [
      () => libssl.SSL_SESSION_set1_id(session, new Uint8Array(32)),
      () => libssl.SSL_SESSION_set_protocol_version(session, TLS1_1_VERSION),
    ];
    for (const set of change) {
      assertThrows(set, TypeError, "of a session in an internal cache");
    }
    libssl.SSL_CTX_remove_session(server, session);
    for (const set of change) assertEquals(set(), 1);
    libssl.SSL_SESSION_free(session);
    pair.close();
  });
});

describe("X509_check_host", () => {
  it("compares all of a name, in bytes", () => {
    const cert = made(libssl.X509_new());
    libssl.X509_add_subject_entry(cert, "CN", "bücher.co");
    assertEquals(libssl.X509_check_host(cert, "bücher.co", 0), 1);
    assertEquals(libssl.X509_check_host(cert, "bücher.com", 0), 0);
    libssl.X509_free(cert);
  });
});

describe("X509_set_pubkey", () => {
  it("takes a key that is set already", () => {
    const cert = made(libssl.X509_new());
    const key = made(libssl.EVP_EC_gen("P-256"));
    assertEquals(libssl.X509_set_pubkey(cert, key), 1);
    assertEquals(libssl.X509_set_pubkey(cert, key), 1);
    libssl.EVP_PKEY_free(key);
    libssl.X509_free(cert);
  });
});

describe("SSL_set_SSL_CTX", () => {
  it("is refused in a callback that C can't bear it in", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const other = peers.server();
    libssl.SSL_CTX_set_info_callback(server, (ssl) => {
      libssl.SSL_set_SSL_CTX(ssl, other);
    });
    const error = assertThrows(() => peers.connect(server, peers.client()));
    const [first] = error instanceof AggregateError ? error.errors : [error];
    assert(first instanceof TlsError);
    assertEquals(first.code, "reentrant-call");
  });
});

describe("The host's entropy", () => {
  it("is wiped once the module has it", () => {
    const drawn: Uint8Array[] = [];
    const { libssl } = new OpenSSL({
      entropy: (out) => {
        crypto.getRandomValues(out);
        drawn.push(out);
      },
    });
    made(libssl.RAND_bytes(32));
    assert(drawn.length > 0);
    for (const bytes of drawn) assert(bytes.every((byte) => byte === 0));
  });
});

describe("Memory that OpenSSL gives back", () => {
  it("doesn't keep a session's secret", () => {
    const ffi = new Ffi(module, {
      entropy: (out) => crypto.getRandomValues(out as Uint8Array<ArrayBuffer>),
      clock: Date.now,
    });
    const libssl = createLibssl(ffi);
    using peers = new Peers();
    const donor = peers.visit(peers.server(), peers.client());
    const secret = peers.libssl.SSL_SESSION_get_master_key(donor);
    const der = made(peers.libssl.i2d_SSL_SESSION(donor));

    libssl.SSL_SESSION_free(libssl.d2i_SSL_SESSION(der));
    const memory = new Uint8Array(ffi.c.memory.buffer);
    const tail = secret.subarray(secret.length - 16);
    assertEquals(indexOf(memory, tail), -1);
    assert(indexOf(new Uint8Array([1, ...tail]), tail) === 1);
  });

  it("is zero, whatever its size and however little of it was used", () => {
    const { c, memory } = new Ffi(module, {
      entropy: (out) => crypto.getRandomValues(out as Uint8Array<ArrayBuffer>),
      clock: Date.now,
    });
    /** What malloc itself writes into a free block is at its start, and its length at the end. */
    const links = 32;
    const end = (size: number): number => Math.min(size, (size + 3) & ~7);
    for (const size of [41, 47, 48, 63, 64, 65, 127, 128, 129, 500, 17_000]) {
      for (const used of [1, 16, size - links]) {
        const block = c.malloc(size);
        const last = memory.view(offset(block, size - used), used);
        last.fill(0xff);
        c.CRYPTO_free(block, NULL, 0);
        const left = memory.read(offset(block, links), end(size) - links);
        assert(left.every((byte) => byte === 0), `${used} of ${size} bytes`);
      }
    }
  });
});

function indexOf(haystack: Uint8Array, needle: Uint8Array): number {
  const [first = 0] = needle;
  for (
    let at = haystack.indexOf(first);
    at >= 0;
    at = haystack.indexOf(first, at + 1)
  ) {
    if (needle.every((byte, i) => haystack[at + i] === byte)) return at;
  }
  return -1;
}
