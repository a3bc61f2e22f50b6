/** Callbacks change the session cache and free things: that is put off. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made, Pair } from "../../support/pair.ts";
import {
  callAll,
  inSessionCallbacks,
} from "../../support/session_callbacks.ts";
import { Peers, STATEFUL } from "../../support/peers.ts";

describe("changing the session cache in a session callback", () => {
  it("SSL_CTX_remove_session is done when the outermost call has returned", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const counts: number[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
      assertEquals(libssl.SSL_CTX_remove_session(server, session), 1);
      counts.push(libssl.SSL_CTX_sess_number(server));
      return 0;
    });
    let removed = 0;
    libssl.SSL_CTX_sess_set_remove_cb(server, () => void removed++);
    peers.visit(server, peers.client());
    counts.push(libssl.SSL_CTX_sess_number(server));
    assertEquals([counts, removed], [[1, 0], 1]);
  });

  it("SSL_CTX_add_session is done when the outermost call has returned", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [server, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const counts: number[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
      // A session object can be in one cache only.
      const copy = made(libssl.SSL_SESSION_dup(session));
      assertEquals(libssl.SSL_CTX_add_session(other, copy), 1);
      libssl.SSL_SESSION_free(copy);
      counts.push(libssl.SSL_CTX_sess_number(other));
      return 0;
    });
    const client = peers.client({ version: TLS1_2_VERSION });
    const session = peers.visit(server, client);
    counts.push(libssl.SSL_CTX_sess_number(other));
    assertEquals(counts, [0, 1]);
    assert(peers.connect(other, client, { session }).resumed);
  });

  it("SSL_CTX_flush_sessions is done when the outermost call has returned", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const called = inSessionCallbacks(libssl, server, (_session, callback) => {
      const before = libssl.SSL_CTX_sess_number(server);
      libssl.SSL_CTX_flush_sessions(server, 0);
      assertEquals(libssl.SSL_CTX_sess_number(server), before, callback);
    });
    callAll(peers, server);
    assertEquals(called, ["new", "remove", "get"]);
    // Only the last session came after them all.
    assertEquals(libssl.SSL_CTX_sess_number(server), 1);
  });

  it("changes may ask for further ones, which are done too", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const sessions: SSL_SESSION[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
      sessions.push(session);
      return 0;
    });
    const client = peers.client({ version: TLS1_2_VERSION });
    for (let i = 0; i < 3; i++) peers.visit(server, client);
    const left: number[] = [];
    libssl.SSL_CTX_sess_set_remove_cb(server, () => {
      const next = sessions.pop();
      if (next) libssl.SSL_CTX_remove_session(server, next);
      left.push(libssl.SSL_CTX_sess_number(server));
    });
    libssl.SSL_CTX_remove_session(server, made(sessions.pop() ?? null));
    assertEquals(left, [2, 1, 0]);
  });

  it("what a put-off change throws comes out of the outermost call", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
      libssl.SSL_CTX_remove_session(server, session);
      return 0;
    });
    const error = new Error("from remove");
    libssl.SSL_CTX_sess_set_remove_cb(server, () => {
      throw error;
    });
    const pair = peers.pair(server, peers.client());
    assertEquals(assertThrows(() => pair.handshake()), error);
    libssl.SSL_CTX_sess_set_remove_cb(server, null);
    pair.handshake();
  });

  it("what is asked for while the context is being freed is dropped with it", () => {
    for (
      const change of [
        "SSL_CTX_remove_session",
        "SSL_CTX_add_session",
        "SSL_CTX_flush_sessions",
      ] as const
    ) {
      const peers = new Peers();
      const { libssl } = peers;
      const server = peers.server(STATEFUL);
      const client = peers.client({ version: TLS1_2_VERSION });
      for (let i = 0; i < 2; i++) peers.visit(server, client);
      let removed = 0;
      libssl.SSL_CTX_sess_set_remove_cb(server, (ctx, session) => {
        removed++;
        if (change === "SSL_CTX_flush_sessions") libssl[change](ctx, 0);
        else libssl[change](ctx, session);
      });
      peers.freeAll();
      assertEquals(removed, 2);
      peers.connect(peers.server(), peers.client());
      peers.freeAll();
    }
  });
});

describe("freeing in a callback", () => {
  it("a context is alive until the outermost call has returned", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    inSessionCallbacks(libssl, server, () => {
      const other = made(libssl.SSL_CTX_new(libssl.TLS_method()));
      libssl.SSL_CTX_free(other);
      assertEquals(libssl.SSL_CTX_get_timeout(other), 7200);
      others.push(other);
    });
    const others: SSL_CTX[] = [];
    callAll(peers, server);
    assertEquals(others.length, 3);
    for (const other of others) assertDead(() => libssl.SSL_CTX_up_ref(other));
  });

  it("a connection may free itself", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const pair = new Pair(libssl, server, peers.client());
    let version: string | undefined;
    libssl.SSL_CTX_sess_set_new_cb(server, (ssl) => {
      libssl.SSL_free(ssl);
      version = libssl.SSL_get_version(ssl);
      return 0;
    });
    for (let turn = 0; version === undefined; turn++) {
      pair.step(turn % 2 === 0 ? "client" : "server");
    }
    assertEquals(version, "TLSv1.2");
    assertDead(() => libssl.SSL_get_version(pair.server));
    libssl.SSL_free(pair.client);
  });

  it("a session that get_cb frees and returns is resumed", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      ...STATEFUL,
      cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
    });
    const client = peers.client({ version: TLS1_2_VERSION });
    const { sessions } = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, id) => {
      const found = libssl.d2i_SSL_SESSION(
        made(sessions.get(id.toHex()) ?? null),
      );
      libssl.SSL_SESSION_free(found);
      return found;
    });
    assert(peers.connect(server, client, { session }).resumed);
  });

  it("a remove callback doesn't see a connection that is half freed", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const pair = peers.connect(server, peers.client());
    let removed = 0;
    libssl.SSL_CTX_sess_set_remove_cb(server, () => {
      removed++;
      assertDead(() => libssl.SSL_get_version(pair.server));
    });
    pair.abandon();
    assertEquals(removed, 1);
  });

  it("a remove callback can't make a connection of a context that is being freed", () => {
    const peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    peers.visit(server, peers.client());
    libssl.SSL_CTX_sess_set_remove_cb(server, (ctx) => {
      for (let i = 0; i < 2; i++) {
        assertThrows(() => libssl.SSL_new(ctx), TypeError, "it is being freed");
        assertEquals(libssl.SSL_CTX_up_ref(ctx), 0);
      }
    });
    peers.freeAll();
    assertDead(() => libssl.SSL_CTX_up_ref(server));
  });

  function assertDead(use: () => unknown): void {
    assertThrows(use, TypeError, "it has been freed");
  }
});
