/**
 * SSL_CTX_sess_set_get_cb(3), sentence by sentence: its NOTES. Where OpenSSL 3.5
 * does otherwise than the page says, the test ("3.5: ...", or the row of
 * docs/openssl-facts.md) holds what it does.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL,
  type SSL_CTX,
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_CLIENT,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made } from "../../support/pair.ts";
import { type ContextOptions, Peers, STATEFUL } from "../../support/peers.ts";

const EXTERNAL: ContextOptions = {
  ...STATEFUL,
  cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
};

/** A client that proposes a session id to a TLS 1.2 server only if it has one. */
function clientOf(peers: Peers, cacheMode = SSL_SESS_CACHE_OFF): SSL_CTX {
  return peers.client({ version: TLS1_2_VERSION, cacheMode });
}

describe("NOTES on any callback", () => {
  it("sessions can be saved in them by the d2i_SSL_SESSION interface", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(EXTERNAL);
    const copies: string[] = [];
    const saved: string[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
      const der = made(libssl.i2d_SSL_SESSION(session));
      const copy = made(libssl.d2i_SSL_SESSION(der));
      saved.push(der.toHex());
      copies.push(made(libssl.i2d_SSL_SESSION(copy)).toHex());
      libssl.SSL_SESSION_free(copy);
      return 0;
    });
    peers.visit(server, clientOf(peers));
    assertEquals(saved.length, 1);
    assertEquals(copies, saved);
  });
});

describe("NOTES on the new callback", () => {
  it("it is called when session caching is enabled, and not when it is off", () => {
    using peers = new Peers();
    const server = peers.server(STATEFUL);
    const diary = new CallbackLog(peers.libssl, server);
    const called = [
      SSL_SESS_CACHE_OFF,
      SSL_SESS_CACHE_CLIENT,
      SSL_SESS_CACHE_SERVER,
      SSL_SESS_CACHE_BOTH,
    ].filter((mode) => {
      peers.libssl.SSL_CTX_set_session_cache_mode(server, mode);
      peers.visit(server, clientOf(peers));
      return diary.take().includes("new");
    });
    assertEquals(called, [SSL_SESS_CACHE_SERVER, SSL_SESS_CACHE_BOTH]);
  });

  it("row 18: it is called on clients too, when they cache", () => {
    using peers = new Peers();
    const server = peers.server(STATEFUL);
    const client = clientOf(peers, SSL_SESS_CACHE_CLIENT);
    const diary = new CallbackLog(peers.libssl, client);
    peers.visit(server, client);
    assertEquals(diary.calls, ["new"]);
  });

  it("it is passed the connection and its session", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const passed: [SSL, SSL_SESSION, SSL_SESSION | null][] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (ssl, session) => {
      passed.push([ssl, session, libssl.SSL_get_session(ssl)]);
      return 0;
    });
    const pair = peers.connect(server, clientOf(peers));
    const [[ssl, session, own] = []] = passed;
    assertStrictEquals(ssl, pair.server);
    assertStrictEquals(session, own);
  });

  it("3.5: a session for which it returns 0 is not removed: the internal cache has it", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const client = clientOf(peers);
    let removed = 0;
    libssl.SSL_CTX_sess_set_new_cb(server, () => 0);
    libssl.SSL_CTX_sess_set_remove_cb(server, () => void removed++);
    const session = peers.visit(server, client);
    assertEquals(libssl.SSL_CTX_sess_number(server), 1);
    assertEquals(removed, 0);
    assert(peers.connect(server, client, { session }).resumed);
  });
});

describe("NOTES on the remove callback", () => {
  it("it is called for what expired, and for a connection that wasn't shut down cleanly", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const client = clientOf(peers);
    const diary = new CallbackLog(libssl, server);
    peers.visit(server, client);
    peers.connect(server, client).abandon();
    const [clean, unclean] = diary.ids("new");
    assertEquals(diary.ids("remove"), [unclean]);
    peers.sleep(libssl.SSL_CTX_get_timeout(server) + 1);
    libssl.SSL_CTX_flush_sessions(server, peers.now);
    assertEquals(diary.ids("remove"), [unclean, clean]);
  });

  it("row 19: what expired goes by itself, with every 256th connection", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const client = clientOf(peers);
    const diary = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    peers.sleep(libssl.SSL_CTX_get_timeout(server) + 1);
    const other = peers.visit(server, client);
    for (let i = 2; i < 255; i++) {
      peers.visit(server, client, { session: other });
    }
    assertEquals(diary.ids("remove"), []);
    peers.visit(server, client, { session: other });
    assertEquals(libssl.SSL_CTX_sess_accept_good(server), 256);
    const id = libssl.SSL_SESSION_get_id(session).toHex();
    assertEquals(diary.ids("remove"), [id]);
  });

  it("it is called for all sessions in the internal cache by SSL_CTX_free", () => {
    const peers = new Peers();
    const server = peers.server(STATEFUL);
    const client = clientOf(peers);
    const diary = new CallbackLog(peers.libssl, server);
    for (let i = 0; i < 3; i++) peers.visit(server, client);
    peers.freeAll();
    assertEquals(new Set(diary.ids("remove")), new Set(diary.ids("new")));
  });

  it("it is passed the context and the session", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const passed: [SSL_CTX, string][] = [];
    libssl.SSL_CTX_sess_set_remove_cb(server, (ctx, session) => {
      passed.push([ctx, libssl.SSL_SESSION_get_id(session).toHex()]);
    });
    const session = peers.visit(server, clientOf(peers));
    libssl.SSL_CTX_flush_sessions(server, 0);
    const [[ctx, id] = []] = passed;
    assertStrictEquals(ctx, server);
    assertEquals(id, libssl.SSL_SESSION_get_id(session).toHex());
  });

  it("it gives no feedback: what it returns changes nothing", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    libssl.SSL_CTX_sess_set_remove_cb(server, () => 1);
    peers.visit(server, clientOf(peers));
    libssl.SSL_CTX_flush_sessions(server, 0);
    assertEquals(libssl.SSL_CTX_sess_number(server), 0);
  });
});

describe("NOTES on the get callback", () => {
  it("it is called with the session id that the client proposes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(EXTERNAL);
    const client = clientOf(peers);
    const session = peers.visit(server, client);
    const passed: [SSL, string, number][] = [];
    libssl.SSL_CTX_sess_set_get_cb(server, (ssl, id) => {
      passed.push([ssl, id.toHex(), libssl.SSL_is_server(ssl)]);
      return null;
    });
    const pair = peers.connect(server, client, { session });
    const id = libssl.SSL_SESSION_get_id(session).toHex();
    assertEquals(passed, [[pair.server, id, 1]]);
  });

  it("it is called also when session caching is disabled", () => {
    using peers = new Peers();
    const server = peers.server(EXTERNAL);
    const client = clientOf(peers);
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, client);
    peers.libssl.SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
    assert(peers.connect(server, client, { session }).resumed);
    assertEquals(diary.calls, ["new", "get"]);
  });

  it("it is called with an id of any length up to 32 bytes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(EXTERNAL);
    const client = clientOf(peers);
    const diary = new CallbackLog(libssl, server);
    libssl.SSL_CTX_set_generate_session_id(server, () => Uint8Array.of(7));
    const session = peers.visit(server, client);
    assert(peers.connect(server, client, { session }).resumed);
    assertEquals(diary.ids("get"), ["07"]);
  });

  it("3.5: copy requires OpenSSL to take a reference, unless it is set to 0", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(EXTERNAL);
    const client = clientOf(peers);
    const { sessions } = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    const outlives = [1, 0].map((copy) => {
      const answer = answerWith(libssl, server, copy, sessions);
      peers.connect(server, client, { session }).close();
      return answer();
    });
    assertEquals(outlives, [true, false]);
  });

  /** Sets a get callback that sets `copy`: whether its answer outlives the connection. */
  function answerWith(
    libssl: Libssl,
    server: SSL_CTX,
    copy: number,
    sessions: Map<string, Uint8Array>,
  ): () => boolean {
    let session: SSL_SESSION | null = null;
    libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, id, out) => {
      assertEquals(out.value, 1);
      out.value = copy;
      const der = made(sessions.get(id.toHex()) ?? null);
      return session = libssl.d2i_SSL_SESSION(der);
    });
    return () => {
      try {
        libssl.SSL_SESSION_free(session);
        return true;
      } catch {
        return false;
      }
    };
  }
});
