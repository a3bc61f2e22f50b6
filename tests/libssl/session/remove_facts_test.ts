/** Rows 10 and 11 of docs/openssl-facts.md: when remove_cb is called. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_SERVER,
  SSL_SESS_CACHE_UPDATE_TIME,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made } from "../../support/pair.ts";
import { type ContextOptions, Peers } from "../../support/peers.ts";

const NO_TICKET = { options: SSL_OP_NO_TICKET };
const TLS1_2: ContextOptions = { ...NO_TICKET, version: TLS1_2_VERSION };
const TLS1_3: ContextOptions = { ...NO_TICKET, version: TLS1_3_VERSION };
const EXTERNAL = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL;
const TIMEOUT = 100;

describe("an expired session that a client proposes", () => {
  /** What is called when a client proposes a session that has just expired. */
  function proposeExpired(
    options: ContextOptions,
  ): { calls: string[]; resumed: boolean; timeouts: number } {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(options);
    // A client lets go of its own old sessions, unless it thinks them younger.
    const client = peers.client(NO_TICKET);
    libssl.SSL_CTX_set_timeout(server, TIMEOUT);
    const diary = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    libssl.SSL_SESSION_set_timeout(session, 10 * TIMEOUT);

    peers.sleep(TIMEOUT + 1);
    diary.take();
    const { resumed } = peers.connect(server, client, { session });
    const timeouts = libssl.SSL_CTX_sess_timeouts(server);
    return { calls: diary.take(), resumed, timeouts };
  }

  it("row 10: TLS 1.2 calls remove_cb", () => {
    assertEquals(proposeExpired({ ...TLS1_2, cacheMode: EXTERNAL }), {
      calls: ["get", "remove", "new"],
      resumed: false,
      timeouts: 1,
    });
  });

  it("row 10: TLS 1.3 does not", () => {
    assertEquals(proposeExpired({ ...TLS1_3, cacheMode: EXTERNAL }), {
      calls: ["get", "new", "new"],
      resumed: false,
      timeouts: 1,
    });
  });

  it("row 10: so it is for one in the internal cache", () => {
    assertEquals(proposeExpired(TLS1_2), {
      calls: ["remove", "new"],
      resumed: false,
      timeouts: 1,
    });
    assertEquals(proposeExpired(TLS1_3), {
      calls: ["new", "new"],
      resumed: false,
      timeouts: 1,
    });
  });

  it("row 10: UPDATE_TIME with the internal store lets it resume", () => {
    const cacheMode = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_UPDATE_TIME |
      SSL_SESS_CACHE_NO_INTERNAL_LOOKUP;
    assertEquals(proposeExpired({ ...TLS1_2, cacheMode }), {
      calls: ["get"],
      resumed: true,
      timeouts: 0,
    });
    assertEquals(proposeExpired({ ...TLS1_3, cacheMode }), {
      calls: ["get", "new"],
      resumed: true,
      timeouts: 0,
    });
  });

  it("row 10: UPDATE_TIME without the internal store does not", () => {
    const cacheMode = EXTERNAL | SSL_SESS_CACHE_UPDATE_TIME;
    assertEquals(proposeExpired({ ...TLS1_2, cacheMode }).resumed, false);
    assertEquals(proposeExpired({ ...TLS1_3, cacheMode }).resumed, false);
  });
});

describe("what makes OpenSSL call remove_cb", () => {
  it("row 11: a flush of sessions that have timed out", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_2);
    const client = peers.client();
    const diary = new CallbackLog(libssl, server);
    libssl.SSL_CTX_set_timeout(server, TIMEOUT);
    peers.visit(server, client);
    peers.sleep(TIMEOUT / 2);
    peers.visit(server, client);

    libssl.SSL_CTX_flush_sessions_ex(server, peers.now);
    assertEquals(diary.ids("remove"), []);
    peers.sleep(TIMEOUT / 2 + 1);
    libssl.SSL_CTX_flush_sessions_ex(server, peers.now);
    assertEquals(diary.ids("remove"), diary.ids("new").slice(0, 1));
    assertEquals(libssl.SSL_CTX_sess_number(server), 1);
  });

  it("row 11: eviction from a full cache, the oldest first", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_2);
    const client = peers.client();
    const diary = new CallbackLog(libssl, server);
    libssl.SSL_CTX_sess_set_cache_size(server, 3);
    for (let i = 0; i < 4; i++) {
      peers.visit(server, client);
      peers.sleep(1);
    }
    assertEquals(diary.ids("remove"), diary.ids("new").slice(0, 2));
    assertEquals(libssl.SSL_CTX_sess_cache_full(server), 2);
  });

  for (
    const [verb, sender, receiver] of [
      ["sends", "server", "client"],
      ["receives", "client", "server"],
    ] as const
  ) {
    it(`row 11: a fatal alert that the server ${verb}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server(TLS1_2);
      const diary = new CallbackLog(libssl, server);
      const pair = peers.connect(server, peers.client());
      // A record that no key fits, as if from the other side.
      const record = Uint8Array.of(23, 3, 3, 0, 32, ...new Uint8Array(32));
      libssl.BIO_write(made(libssl.SSL_get_wbio(pair[receiver])), record);

      pair.read(sender);
      libssl.ERR_clear_error();
      pair.read(receiver);
      const { reason } = made(libssl.ERR_get_error_all());
      assertEquals(reason, "ssl/tls alert bad record mac");
      assertEquals(diary.ids("remove"), diary.ids("new"));
      assertEquals(libssl.SSL_CTX_sess_number(server), 0);
    });
  }

  it("row 11: SSL_free without close_notify sent, and not with it", () => {
    using peers = new Peers();
    const server = peers.server(TLS1_2);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    peers.connect(server, client).close();
    assertEquals(diary.ids("remove"), []);
    peers.connect(server, client).abandon();
    assertEquals(diary.ids("remove"), diary.ids("new").slice(1));
  });

  it("row 11: SSL_CTX_remove_session, also for a session that isn't in the cache", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_2);
    const diary = new CallbackLog(libssl, server);
    peers.visit(server, peers.client());
    const [der] = diary.sessions.values();
    const session = made(libssl.d2i_SSL_SESSION(made(der ?? null)));

    assertEquals(libssl.SSL_CTX_remove_session(server, session), 1);
    assertEquals(diary.ids("remove"), diary.ids("new"));
    assertEquals(libssl.SSL_CTX_remove_session(server, session), 0);
    assertEquals(diary.ids("remove").length, 2);
    assertEquals(libssl.SSL_SESSION_is_resumable(session), 0);
    libssl.SSL_SESSION_free(session);
  });

  it("row 11: SSL_CTX_free, for every entry of the internal cache", () => {
    const peers = new Peers();
    const server = peers.server(TLS1_3);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    peers.visit(server, client);
    peers.visit(server, client);
    assertEquals(diary.ids("remove"), []);
    peers.freeAll();
    assertEquals(diary.ids("new").length, 4);
    assertEquals(new Set(diary.ids("remove")), new Set(diary.ids("new")));
    assertThrows(() => peers.libssl.SSL_CTX_sess_number(server), TypeError);
  });

  it("row 11: an unclean close in TLS 1.3, for the last ticket's session only", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    const client = peers.client();
    const diary = new CallbackLog(libssl, server);
    const pair = peers.connect(server, client);
    const session = peers.session(pair);
    pair.abandon();
    const [first, last] = diary.ids("new");
    assertEquals(diary.ids("remove"), [last]);
    assertEquals(libssl.SSL_CTX_sess_number(server), 1);
    assertEquals([...diary.sessions.keys()], [first]);

    assert(!peers.connect(server, client, { session }).resumed);
  });
});
