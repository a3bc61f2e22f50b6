/** Early data, TLS 1.3's 0-RTT: what becomes of it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Out,
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_NOT_SENT,
  SSL_EARLY_DATA_REJECTED,
  SSL_ERROR_SSL,
  SSL_READ_EARLY_DATA_FINISH,
  SSL_READ_EARLY_DATA_SUCCESS,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import type { Pair } from "../../support/pair.ts";
import { type ContextOptions, Peers } from "../../support/peers.ts";

const TLS1_3: ContextOptions = { version: TLS1_3_VERSION };

/** Sends a word each way. */
function talk(pair: Pair): void {
  pair.write("client", "ping");
  assertEquals(pair.read("server"), "ping");
  pair.write("server", "pong");
  assertEquals(pair.read("client"), "pong");
}

describe("early data", () => {
  const EARLY = new TextEncoder().encode("GET /");

  /** What comes of early data that a client sends with a session of the server's. */
  function sendEarly(
    peers: Peers,
    configure: (pair: Pair) => void = () => {},
  ): { read: number; got: string; status: number; pair: Pair } {
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    const client = peers.client();
    assertEquals(libssl.SSL_CTX_get_max_early_data(server), 0);
    assertEquals(libssl.SSL_CTX_set_max_early_data(server, 100), 1);
    assertEquals(libssl.SSL_CTX_get_max_early_data(server), 100);
    const session = peers.visit(server, client);

    const pair = peers.pair(server, client, { session });
    configure(pair);
    const count: Out<number> = { value: 0 };
    assertEquals(libssl.SSL_write_early_data(pair.client, EARLY, count), 1);
    assertEquals(count.value, EARLY.length);
    const buffer = new Uint8Array(100);
    const read = libssl.SSL_read_early_data(pair.server, buffer, count);
    const got = new TextDecoder().decode(buffer.subarray(0, count.value));
    pair.handshake();
    const status = libssl.SSL_get_early_data_status(pair.client);
    assertEquals(libssl.SSL_get_early_data_status(pair.server), status);
    return { read, got, status, pair };
  }

  it("is accepted, and read before the handshake is done", () => {
    using peers = new Peers();
    const { read, got, status, pair } = sendEarly(peers);
    assertEquals([read, got, status], [
      SSL_READ_EARLY_DATA_SUCCESS,
      "GET /",
      SSL_EARLY_DATA_ACCEPTED,
    ]);
    assert(pair.resumed);
    talk(pair);
  });

  it("is refused by a connection that allows none, and skipped", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { read, got, status, pair } = sendEarly(peers, ({ server }) => {
      assertEquals(libssl.SSL_get_max_early_data(server), 100);
      assertEquals(libssl.SSL_set_max_early_data(server, 0), 1);
      assertEquals(libssl.SSL_get_max_early_data(server), 0);
    });
    assertEquals([read, got, status], [
      SSL_READ_EARLY_DATA_FINISH,
      "",
      SSL_EARLY_DATA_REJECTED,
    ]);
    talk(pair);
  });

  it("is refused by a callback of the connection's", () => {
    using peers = new Peers();
    const { status, pair } = sendEarly(peers, ({ server }) => {
      peers.libssl.SSL_set_allow_early_data_cb(server, () => 0);
    });
    assertEquals(status, SSL_EARLY_DATA_REJECTED);
    assert(pair.resumed);
    talk(pair);
  });

  it("is refused the second time, as a replay is", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    const client = peers.client();
    libssl.SSL_CTX_set_max_early_data(server, 100);
    const session = peers.visit(server, client);
    const statuses = [1, 2].map(() => {
      const pair = peers.pair(server, client, { session });
      libssl.SSL_write_early_data(pair.client, EARLY, { value: 0 });
      libssl.SSL_read_early_data(pair.server, new Uint8Array(9), { value: 0 });
      pair.handshake();
      return libssl.SSL_get_early_data_status(pair.client);
    });
    assertEquals(statuses, [SSL_EARLY_DATA_ACCEPTED, SSL_EARLY_DATA_REJECTED]);
  });

  it("needs a session that allows it", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(TLS1_3), peers.client());
    const count: Out<number> = { value: 0 };
    const ret = libssl.SSL_write_early_data(pair.client, EARLY, count);
    assertEquals([ret, count.value], [0, 0]);
    assertEquals(libssl.SSL_get_error(pair.client, ret), SSL_ERROR_SSL);
    libssl.ERR_clear_error();
    const other = peers.connect(peers.server(TLS1_3), peers.client());
    assertEquals(
      libssl.SSL_get_early_data_status(other.client),
      SSL_EARLY_DATA_NOT_SENT,
    );
  });

  it("is taken up to a length that a server sets", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server(TLS1_3);
    assertEquals(libssl.SSL_CTX_get_recv_max_early_data(ctx), 16384);
    assertEquals(libssl.SSL_CTX_set_recv_max_early_data(ctx, 2 ** 32 - 1), 1);
    assertEquals(libssl.SSL_CTX_get_recv_max_early_data(ctx), 2 ** 32 - 1);
    const set = (): number => libssl.SSL_CTX_set_recv_max_early_data(ctx, -1);
    assertThrows(
      set,
      RangeError,
      "max must be an integer from 0 to 4294967295",
    );
  });
});
