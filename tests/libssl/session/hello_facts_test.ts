/** Rows 8, 9, 12 and 13 of docs/openssl-facts.md: client hellos and get_cb. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL,
  SSL_CLIENT_HELLO_RETRY,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
  SSL_ERROR_SSL,
  SSL_ERROR_WANT_CLIENT_HELLO_CB,
  SSL_ERROR_WANT_READ,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  SSL_TLSEXT_ERR_OK,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { offerIdentities } from "../../support/client_hello.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { type ContextOptions, Peers } from "../../support/peers.ts";

const EXTERNAL: ContextOptions = {
  options: SSL_OP_NO_TICKET,
  cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
};
const TLS1_3: ContextOptions = { ...EXTERNAL, version: TLS1_3_VERSION };

describe("several PSK identities", () => {
  const OTHER_IDENTITY = "thirty-two bytes, as in a ticket";

  /** A client that offers its session and a pre-shared key: two identities. */
  function clientOfTwo(peers: Peers): SSL_CTX {
    const client = peers.client();
    peers.libssl.SSL_CTX_set_psk_client_callback(client, () => ({
      identity: OTHER_IDENTITY,
      psk: new Uint8Array(32).fill(1),
    }));
    return client;
  }

  it("row 8: get_cb runs once for each until one matches", () => {
    using peers = new Peers();
    const server = peers.server(TLS1_3);
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, peers.client());
    const ticket = peers.libssl.SSL_SESSION_get0_ticket(session).toHex();
    const other = new TextEncoder().encode(OTHER_IDENTITY).toHex();
    const client = clientOfTwo(peers);

    const hit = peers.connect(server, client, { session });
    assert(hit.resumed);
    assertEquals(diary.ids("get"), [ticket]);

    diary.sessions.clear();
    diary.take();
    const miss = peers.connect(server, client, { session });
    assert(!miss.resumed);
    assertEquals(diary.ids("get"), [ticket, other]);
  });

  it("row 8: get_cb runs for every identity of a hello that is all junk", () => {
    using peers = new Peers();
    const ids = [1, 2, 3, 4, 5].map((n) => new Uint8Array(32).fill(n));
    const { asked, error } = offer(peers, ids);
    assertEquals(asked, ids.map((id) => id.toHex()));
    assertEquals(error, SSL_ERROR_WANT_READ);
  });

  it("row 8: get_cb doesn't run for identities behind the one that matched", () => {
    using peers = new Peers();
    const junk = new Uint8Array(32);
    const { asked, error, reason, known } = offer(peers, [junk], [junk, junk]);
    assertEquals(asked, [junk.toHex(), known]);
    // It is found, and only then the binder is looked at.
    assertEquals([error, reason], [SSL_ERROR_SSL, "binder does not verify"]);
  });

  it("row 8: get_cb runs again after a HelloRetryRequest", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    const client = peers.client();
    const diary = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    const ticket = libssl.SSL_SESSION_get0_ticket(session).toHex();

    libssl.SSL_CTX_set1_groups_list(client, "X25519:P-384");
    libssl.SSL_CTX_set1_groups_list(server, "P-384");
    let hellos = 0;
    libssl.SSL_CTX_set_client_hello_cb(server, () => {
      hellos++;
      return SSL_CLIENT_HELLO_SUCCESS;
    });
    const pair = peers.connect(server, client, { session });
    assert(pair.resumed);
    assertEquals(hellos, 2);
    assertEquals(diary.ids("get"), [ticket, ticket]);
  });

  /** What a server does about a hello with these identities, a known one amid them. */
  function offer(
    peers: Peers,
    before: Uint8Array[],
    after?: Uint8Array[],
  ): { asked: string[]; error: number; reason: string; known: string } {
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    const diary = new CallbackLog(libssl, server);
    const session = peers.visit(server, peers.client());
    const known = libssl.SSL_SESSION_get0_ticket(session);
    const identities = after ? [...before, known, ...after] : before;

    const pair = peers.pair(server, peers.client());
    pair.step("client");
    const bio = made(libssl.SSL_get_wbio(pair.client));
    const hello = takeWritten(libssl, pair.server);
    libssl.BIO_write(bio, offerIdentities(hello, identities));
    const ret = libssl.SSL_do_handshake(pair.server);
    return {
      asked: diary.ids("get"),
      error: libssl.SSL_get_error(pair.server, ret),
      reason: libssl.ERR_get_error_all()?.reason ?? "",
      known: known.toHex(),
    };
  }

  /** Takes what waits to be read by a connection. */
  function takeWritten(
    libssl: Libssl,
    ssl: SSL,
  ): Uint8Array {
    const bio = made(libssl.SSL_get_rbio(ssl));
    const data = new Uint8Array(libssl.BIO_ctrl_pending(bio));
    libssl.BIO_read(bio, data);
    return data;
  }
});

describe("a TLS 1.3 client that lands on TLS 1.2", () => {
  it("row 9: get_cb sees a random id of 32 bytes", () => {
    using peers = new Peers();
    const server = peers.server({ ...EXTERNAL, version: TLS1_2_VERSION });
    const diary = new CallbackLog(peers.libssl, server);

    peers.visit(server, peers.client({ version: TLS1_2_VERSION }));
    assertEquals(diary.ids("get"), []);

    const client = peers.client();
    peers.visit(server, client);
    peers.visit(server, client);
    const [first = "", second = ""] = diary.ids("get");
    assertEquals([first.length, second.length], [64, 64]);
    assertNotEquals(first, second);
    assert(!diary.ids("new").includes(first));
  });
});

describe("a context chosen by the client's hello", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`row 12: TLS ${name}: by SNI: the callbacks of the initial SSL_CTX are used`, () => {
      assertInitialCallbacks(version, (libssl, initial, choose) => {
        libssl.SSL_CTX_set_tlsext_servername_callback(initial, (ssl) => {
          choose(ssl);
          return SSL_TLSEXT_ERR_OK;
        });
      });
    });

    it(`row 12: TLS ${name}: by the client-hello callback: so it is`, () => {
      assertInitialCallbacks(version, (libssl, initial, choose) => {
        libssl.SSL_CTX_set_client_hello_cb(initial, (ssl) => {
          choose(ssl);
          return SSL_CLIENT_HELLO_SUCCESS;
        });
      });
    });
  }

  /** Visits a server that chooses another context, and comes back to resume. */
  function assertInitialCallbacks(
    version: number,
    setUp: (
      libssl: Libssl,
      initial: SSL_CTX,
      choose: (ssl: SSL) => void,
    ) => void,
  ): void {
    using peers = new Peers();
    const { libssl } = peers;
    const initial = peers.server({ ...EXTERNAL, version });
    const chosen = peers.server({ ...EXTERNAL, version });
    const diary = new CallbackLog(libssl, initial);
    const other = new CallbackLog(libssl, chosen);
    setUp(libssl, initial, (ssl) => void libssl.SSL_set_SSL_CTX(ssl, chosen));

    const client = peers.client({ version });
    const serverName = "chosen.example";
    const session = peers.visit(initial, client, { serverName });
    const pair = peers.connect(initial, client, { serverName, session });
    assert(pair.resumed);
    assertEquals(libssl.SSL_get_SSL_CTX(pair.server), chosen);
    pair.abandon();
    assertEquals(new Set(diary.calls), new Set(["new", "get", "remove"]));
    assertEquals(other.calls, []);
  }
});

describe("SSL_CLIENT_HELLO_RETRY", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`row 13: TLS ${name}: suspends, is called again, then get_cb, and resumes`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ ...EXTERNAL, version });
      const client = peers.client({ version });
      const diary = new CallbackLog(libssl, server);
      const session = peers.visit(server, client);
      diary.take();

      let hellos = 0;
      let found = false;
      libssl.SSL_CTX_set_client_hello_cb(server, () => {
        hellos++;
        return found ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_RETRY;
      });
      const pair = peers.pair(server, client, { session });
      pair.step("client");
      for (const calls of [1, 2]) {
        const error = assertThrows(() => pair.step("server"), HandshakeError);
        assertEquals(error.code, SSL_ERROR_WANT_CLIENT_HELLO_CB);
        assertEquals(hellos, calls);
        assertEquals(diary.calls, []);
      }

      found = true;
      pair.step("server");
      assertEquals([hellos, diary.calls], [3, ["get"]]);
      pair.handshake();
      assert(pair.resumed);
    });
  }
});
