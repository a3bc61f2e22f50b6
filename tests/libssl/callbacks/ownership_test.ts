/** Callbacks belong to their context: they are the very functions, and go with it. */
import {
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_SERVER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made } from "../../support/pair.ts";
import { Peers, STATEFUL } from "../../support/peers.ts";

describe("the getters of the session callbacks", () => {
  it("return the very function that was set last, and null when none is", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    const pairs = [
      [libssl.SSL_CTX_sess_set_new_cb, libssl.SSL_CTX_sess_get_new_cb],
      [libssl.SSL_CTX_sess_set_remove_cb, libssl.SSL_CTX_sess_get_remove_cb],
      [libssl.SSL_CTX_sess_set_get_cb, libssl.SSL_CTX_sess_get_get_cb],
    ] as const;
    for (const [set, get] of pairs) {
      const [first, second] = [(): null => null, (): null => null];
      assertStrictEquals(get(ctx), null);
      set(ctx, first as never);
      assertStrictEquals(get(ctx), first as never);
      set(ctx, second as never);
      assertStrictEquals(get(ctx), second as never);
      set(ctx, null);
      assertStrictEquals(get(ctx), null);
    }
  });

  it("refuse what is no context, and setters what is no function", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    for (
      const [set, get] of [
        [libssl.SSL_CTX_sess_set_new_cb, libssl.SSL_CTX_sess_get_new_cb],
        [libssl.SSL_CTX_sess_set_remove_cb, libssl.SSL_CTX_sess_get_remove_cb],
        [libssl.SSL_CTX_sess_set_get_cb, libssl.SSL_CTX_sess_get_get_cb],
      ] as const
    ) {
      for (const value of [undefined, 1, "f", {}]) {
        assertThrows(
          () => set(ctx, value as never),
          TypeError,
          `callback must be a function or null, received ${typeof value}`,
        );
      }
      assertEquals(get(ctx), null);
      assertThrows(() => get(null as never), TypeError, "received null");
      assertThrows(() => set({} as never, null), TypeError);
    }
  });
});

describe("null clears", () => {
  it("each of the session callbacks", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      ...STATEFUL,
      cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
    });
    const client = peers.client({ version: TLS1_2_VERSION });
    const diary = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);
    assertEquals(diary.take(), ["new"]);

    libssl.SSL_CTX_sess_set_new_cb(server, null);
    libssl.SSL_CTX_sess_set_get_cb(server, null);
    libssl.SSL_CTX_sess_set_remove_cb(server, null);
    peers.visit(server, client, { session });
    libssl.SSL_CTX_flush_sessions(server, 0);
    assertEquals(diary.calls, []);
  });

  it("every other callback of a context", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const fail = (): never => {
      throw new Error("It was called");
    };
    for (const callback of [fail, null]) {
      libssl.SSL_CTX_set_client_hello_cb(server, callback);
      libssl.SSL_CTX_set_tlsext_servername_callback(server, callback);
      libssl.SSL_CTX_set_alpn_select_cb(server, callback);
      libssl.SSL_CTX_set_verify(server, 1, callback);
      libssl.SSL_CTX_set_keylog_callback(server, callback);
      libssl.SSL_CTX_set_msg_callback(server, callback);
      libssl.SSL_CTX_set_info_callback(server, callback);
      libssl.SSL_CTX_set_generate_session_id(server, callback);
      libssl.SSL_CTX_set_psk_client_callback(server, callback);
      libssl.SSL_CTX_set_psk_server_callback(server, callback);
      libssl.SSL_CTX_set_tlsext_status_cb(server, callback);
      libssl.SSL_CTX_set_allow_early_data_cb(server, callback);
    }
    const client = peers.client({ keyType: "P-256" });
    const store = made(libssl.SSL_CTX_get_cert_store(server));
    libssl.X509_STORE_add_cert(store, peers.certificate("P-256").cert);
    libssl.SSL_CTX_set_alpn_protos(client, Uint8Array.of(2, 104, 50));
    const pair = peers.pair(server, client, { serverName: "localhost" });
    libssl.SSL_set_tlsext_status_type(pair.client, 1);
    pair.handshake();
  });
});

describe("different contexts", () => {
  it("have different callbacks", () => {
    using peers = new Peers();
    const [one, other] = [peers.server(STATEFUL), peers.server(STATEFUL)];
    const diaries = [one, other].map((ctx) =>
      new CallbackLog(peers.libssl, ctx)
    );
    const client = peers.client({ version: TLS1_2_VERSION });
    peers.visit(one, client);
    assertEquals(diaries.map(({ calls }) => calls), [["new"], []]);
    peers.visit(other, client);
    assertEquals(diaries.map(({ calls }) => calls), [["new"], ["new"]]);
    assertNotEquals(diaries[0]?.ids("new"), diaries[1]?.ids("new"));
  });
});

describe("a context that is freed", () => {
  it("lets its callbacks go, with the last connection that has it", async () => {
    const program = new URL(
      "../../testdata/collect_callbacks.ts",
      import.meta.url,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", "--v8-flags=--expose-gc", program.href],
    }).output();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    assertEquals(text(stdout), "4\n4\n0\n", text(stderr));
  });
});

describe("different instances", () => {
  it("share no sessions, ticket keys, errors or memory", () => {
    using here = new Peers();
    using there = new Peers();
    const { libssl } = here;
    const server = here.server({ version: TLS1_3_VERSION });
    const other = there.server({ version: TLS1_3_VERSION });
    assertNotEquals(
      libssl.SSL_CTX_get_tlsext_ticket_keys(server),
      there.libssl.SSL_CTX_get_tlsext_ticket_keys(other),
    );

    const { used } = there.openssl.memory;
    assertEquals(libssl.d2i_X509(Uint8Array.of(1)), null);
    assertNotEquals(libssl.ERR_peek_error(), 0);
    assertEquals(there.libssl.ERR_peek_error(), 0);
    libssl.SSL_SESSION_free(libssl.SSL_SESSION_new());
    here.visit(server, here.client());
    assertEquals(there.openssl.memory.used, used);
  });
});
