/** The callback that makes session ids. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("the callback that generates session ids", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`makes the ids of TLS ${name}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ version, options: SSL_OP_NO_TICKET });
      const diary = new CallbackLog(libssl, server);
      let count = 0;
      libssl.SSL_CTX_set_generate_session_id(server, (ssl, max) => {
        assertEquals([libssl.SSL_is_server(ssl), max], [1, 32]);
        return new Uint8Array(max).fill(++count);
      });
      peers.visit(server, peers.client({ version }));
      const made = ["01", "02"].slice(0, count).map((byte) => byte.repeat(32));
      assertEquals(diary.ids("new"), made);
    });
  }

  it("is copied by SSL_new: what the context gets later changes nothing", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      options: SSL_OP_NO_TICKET,
    });
    libssl.SSL_CTX_set_generate_session_id(server, () => Uint8Array.of(1));
    const pair = peers.pair(server, peers.client());
    libssl.SSL_CTX_set_generate_session_id(server, () => Uint8Array.of(2));
    pair.handshake();
    const session = peers.session(pair);
    assertEquals(libssl.SSL_SESSION_get_id(session), Uint8Array.of(1));
  });

  it("fails the handshake with null, and with an id that is in use", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      options: SSL_OP_NO_TICKET,
    });
    const client = peers.client();
    const id = new Uint8Array(32).fill(1);
    const answers = [id, id, null];
    let inUse: number | undefined;
    libssl.SSL_CTX_set_generate_session_id(server, (ssl) => {
      inUse = libssl.SSL_has_matching_session_id(ssl, id);
      return answers.shift() ?? null;
    });
    peers.visit(server, client);
    assertEquals(inUse, 0);
    const visit = (): unknown => peers.visit(server, client);
    assertThrows(visit, HandshakeError, "ssl session id conflict");
    assertEquals(inUse, 1);
    assertThrows(visit, HandshakeError, "ssl session id callback failed");
  });

  it("can be set for one connection, and refuses ids that are too long", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      options: SSL_OP_NO_TICKET,
    });
    const pair = peers.pair(server, peers.client());
    const set = (length: number): number =>
      libssl.SSL_set_generate_session_id(
        pair.server,
        () => new Uint8Array(length).fill(9),
      );
    set(33);
    const handshake = (): void => pair.handshake();
    assertThrows(handshake, RangeError, "at most 32 bytes, received 33");

    const other = peers.pair(server, peers.client());
    libssl.SSL_set_generate_session_id(other.server, () => Uint8Array.of(9));
    other.handshake();
    const session = made(libssl.SSL_get_session(other.client));
    assertEquals(libssl.SSL_SESSION_get_id(session), Uint8Array.of(9));
  });
});
