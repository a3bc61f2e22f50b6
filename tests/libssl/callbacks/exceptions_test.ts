/** Exceptions in callbacks: C is told "no", and JavaScript gets them back. */
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_EARLY_DATA_REJECTED,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CALLBACK_CASES } from "../../support/callback_cases.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { HandshakeError, made, type Pair } from "../../support/pair.ts";
import { Peers, STATEFUL } from "../../support/peers.ts";

describe("an exception in a callback", () => {
  for (
    const [name, { versions, set, ready, failure }] of Object.entries(
      CALLBACK_CASES,
    )
  ) {
    for (const version of versions ?? [TLS1_2_VERSION, TLS1_3_VERSION]) {
      const tls = version === TLS1_2_VERSION ? "1.2" : "1.3";

      it(`${name}, TLS ${tls}: is thrown once, and C is told no`, () => {
        using peers = new Peers();
        const options = { version, options: SSL_OP_NO_TICKET };
        const [server, client] = [peers.server(options), peers.client(options)];
        const error = new Error(`from ${name}`);
        set(peers, server, client, throwOnce(error));
        const pair = peers.pair(server, client, { serverName: "localhost" });
        ready?.(peers, pair);
        const { thrown, reason } = outcomeOf(peers, pair);
        assertEquals(thrown.length, 1);
        assertStrictEquals(thrown[0], error);
        assertEquals(reason, failure);

        // The instance is as good as new.
        const other = peers.server();
        const session = peers.visit(other, peers.client());
        assert(peers.connect(other, peers.client(), { session }).resumed);
      });
    }
  }

  it("get session: is thrown once, and there is a full handshake", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      options: SSL_OP_NO_TICKET,
      cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
    });
    const client = peers.client();
    const session = peers.visit(server, client);
    const error = new Error("from get");
    libssl.SSL_CTX_sess_set_get_cb(server, throwOnce(error));
    const pair = peers.pair(server, client, { session });
    const { thrown, reason } = outcomeOf(peers, pair);
    assertEquals([thrown, reason], [[error], undefined]);
    assert(!pair.resumed);
  });

  it("remove session: is thrown once, and the session is removed", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ options: SSL_OP_NO_TICKET });
    peers.visit(server, peers.client());
    const error = new Error("from remove");
    libssl.SSL_CTX_sess_set_remove_cb(server, throwOnce(error));
    const flush = (): void => libssl.SSL_CTX_flush_sessions(server, 0);
    assertStrictEquals(assertThrows(flush), error);
    assertEquals(libssl.SSL_CTX_sess_number(server), 0);
    flush();
  });

  it("allow early data: is thrown once, and the data is refused", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_3_VERSION });
    const client = peers.client();
    libssl.SSL_CTX_set_max_early_data(server, 100);
    const session = peers.visit(server, client);
    const error = new Error("from allow early data");
    libssl.SSL_CTX_set_allow_early_data_cb(server, throwOnce(error));
    const pair = peers.pair(server, client, { session });
    libssl.SSL_write_early_data(pair.client, Uint8Array.of(1), { value: 0 });
    const read = (): number =>
      libssl.SSL_read_early_data(pair.server, new Uint8Array(9), { value: 0 });
    assertStrictEquals(assertThrows(read), error);
    assertEquals(outcomeOf(peers, pair), { thrown: [], reason: undefined });
    const status = libssl.SSL_get_early_data_status(pair.client);
    assertEquals(status, SSL_EARLY_DATA_REJECTED);
  });
});

describe("what is thrown", () => {
  it("needn't be an Error", () => {
    for (const thrown of [undefined, null, 0, "text"]) {
      using peers = new Peers();
      const server = peers.server();
      peers.libssl.SSL_CTX_set_client_hello_cb(server, () => {
        throw thrown;
      });
      assertEquals(
        outcomeOf(peers, peers.pair(server, peers.client())).thrown,
        [
          thrown,
        ],
      );
    }
  });

  it("is an AggregateError when several callbacks threw in one call", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const errors = [new Error("hello"), new Error("servername")];
    libssl.SSL_CTX_set_info_callback(server, throwOnce(errors[0]));
    libssl.SSL_CTX_set_client_hello_cb(server, throwOnce(errors[1]));
    const pair = peers.pair(server, peers.client());
    const [error] = outcomeOf(peers, pair).thrown;
    assert(error instanceof AggregateError);
    assertEquals(error.errors.length, 2);
    error.errors.forEach((inner, i) => assertStrictEquals(inner, errors[i]));
  });

  it("comes out of the outermost call, whichever it is", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const error = new Error("thrown");
    libssl.SSL_CTX_set_client_hello_cb(server, throwOnce(error));
    const pair = peers.pair(server, peers.client());
    pair.step("client");
    assertStrictEquals(assertThrows(() => pair.read("server")), error);

    libssl.SSL_CTX_set_client_hello_cb(server, null);
    const other = peers.connect(server, peers.client());
    libssl.SSL_CTX_sess_set_remove_cb(server, throwOnce(error));
    assertStrictEquals(assertThrows(() => other.abandon()), error);
    const use = (): unknown => libssl.SSL_get_version(other.server);
    assertThrows(use, TypeError, "freed");
  });

  it("may come from a new-session callback that would have kept the reference", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      ...{ version: TLS1_2_VERSION, options: SSL_OP_NO_TICKET },
    });
    let session: SSL_SESSION | null = null;
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, it) => {
      session = it;
      throw new Error("full");
    });
    const pair = peers.pair(server, peers.client());
    assertEquals(outcomeOf(peers, pair).thrown.length, 1);
    const free = (): void => libssl.SSL_SESSION_free(made(session));
    assertThrows(free, TypeError, "this program holds none");
  });
});

describe("what a callback returns", () => {
  it("must be a number where C takes one: a promise is refused", () => {
    for (const answer of [Promise.resolve(1), 1n, Symbol("1"), "1", true]) {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server();
      // deno-lint-ignore no-explicit-any -- what TypeScript doesn't let through.
      const callback = (() => answer) as any;
      libssl.SSL_CTX_sess_set_new_cb(server, callback);
      libssl.SSL_CTX_set_client_hello_cb(server, callback);
      const { thrown: [error], reason } = outcomeOf(
        peers,
        peers.pair(server, peers.client()),
      );
      assert(error instanceof TypeError);
      assertEquals(
        error.message,
        `The client_hello callback must return a number, received ${typeof answer}`,
      );
      assertEquals(reason, "callback failed");

      libssl.SSL_CTX_set_client_hello_cb(
        server,
        () => SSL_CLIENT_HELLO_SUCCESS,
      );
      const { thrown } = outcomeOf(peers, peers.pair(server, peers.client()));
      assertEquals(thrown.length, 1);
      assertEquals(new CallbackLog(libssl, server).entries, []);
    }
  });
});

/** A callback that throws at its first call. */
function throwOnce(error: unknown): () => never {
  let thrown = false;
  return (): never => {
    if (thrown) return undefined as never;
    thrown = true;
    throw error;
  };
}

/** Goes through with a handshake: what was thrown in it, and why it failed, if so. */
function outcomeOf(
  { libssl }: Peers,
  pair: Pair,
): { thrown: unknown[]; reason: string | undefined } {
  const thrown: unknown[] = [];
  for (let turn = 0; turn < 10; turn++) {
    try {
      pair.handshake();
      return { thrown, reason: undefined };
    } catch (error) {
      if (error instanceof HandshakeError) throw error;
      thrown.push(error);
      const reason = libssl.ERR_get_error_all()?.reason;
      if (reason) return { thrown, reason };
    }
  }
  throw new Error("The handshake doesn't end");
}
