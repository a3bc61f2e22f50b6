/**
 * SSL_CTX_sess_set_get_cb(3), sentence by sentence: its NAME and DESCRIPTION. Where
 * OpenSSL 3.5 does otherwise than the page says, the test holds what it does.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
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

describe("NAME: callbacks for server side external session caching", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`a session of one server resumes at another one in TLS ${name}`, () => {
      using here = new Peers();
      using there = new Peers();
      const options = { ...EXTERNAL, version };
      const met = here.server(options);
      const { sessions } = new CallbackLog(here.libssl, met);
      const session = here.visit(met, here.client({ version }));
      const kept = made(here.libssl.i2d_SSL_SESSION(session));

      const other = there.server(options);
      const diary = new CallbackLog(there.libssl, other);
      for (const [id, der] of sessions) diary.sessions.set(id, der);
      const moved = made(there.libssl.d2i_SSL_SESSION(kept));
      const pair = there.connect(other, there.client({ version }), {
        session: moved,
      });
      assert(pair.resumed);
      there.libssl.SSL_SESSION_free(moved);
    });
  }
});

describe("DESCRIPTION", () => {
  it("the new callback is called whenever a session was negotiated", () => {
    using peers = new Peers();
    const server = peers.server(STATEFUL);
    const client = clientOf(peers);
    const diary = new CallbackLog(peers.libssl, server);
    for (let i = 0; i < 3; i++) peers.visit(server, client);
    assertEquals(diary.calls, ["new", "new", "new"]);
  });

  it("the remove callback is called for a session that is considered faulty", () => {
    using peers = new Peers();
    const server = peers.server(STATEFUL);
    const diary = new CallbackLog(peers.libssl, server);
    peers.connect(server, clientOf(peers)).abandon();
    assertEquals(diary.calls, ["new", "remove"]);
  });

  it("the remove callback is called for a session that exceeds the timeout value", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    libssl.SSL_CTX_set_timeout(server, 60);
    const diary = new CallbackLog(libssl, server);
    peers.visit(server, clientOf(peers));
    peers.sleep(61);
    libssl.SSL_CTX_flush_sessions(server, peers.now);
    assertEquals(diary.calls, ["new", "remove"]);
  });

  it("the get callback is called when the internal cache hasn't got what a client proposes", () => {
    using peers = new Peers();
    const server = peers.server(EXTERNAL);
    const client = clientOf(peers);
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, client);
    peers.visit(server, client, { session });
    assertEquals(diary.calls, ["new", "get"]);
  });

  it("the get callback is for servers only", () => {
    using peers = new Peers();
    const server = peers.server(STATEFUL);
    const client = clientOf(peers, SSL_SESS_CACHE_BOTH);
    const diary = new CallbackLog(peers.libssl, client);
    const session = peers.visit(server, client);
    peers.visit(server, client, { session });
    assertEquals(diary.ids("get"), []);
  });

  it("each getter retrieves the function that was provided, NULL if none was", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const getters = [
      libssl.SSL_CTX_sess_get_new_cb,
      libssl.SSL_CTX_sess_get_remove_cb,
      libssl.SSL_CTX_sess_get_get_cb,
    ];
    for (const get of getters) assertStrictEquals(get(ctx), null);

    const callbacks = [() => 0, () => {}, () => null] as const;
    libssl.SSL_CTX_sess_set_new_cb(ctx, callbacks[0]);
    libssl.SSL_CTX_sess_set_remove_cb(ctx, callbacks[1]);
    libssl.SSL_CTX_sess_set_get_cb(ctx, callbacks[2]);
    getters.forEach((get, i) => assertStrictEquals(get(ctx), callbacks[i]));
  });
});
