/** Callbacks may ask and set anything, but drive no connection. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL,
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_ERROR_SSL,
  SSL_KEY_UPDATE_REQUESTED,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TlsError,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { Peers, STATEFUL } from "../../support/peers.ts";

describe("driving a connection in a callback", () => {
  const buffer = new Uint8Array(10);
  const out = { value: 0 };
  const DRIVERS: Partial<
    Record<keyof Libssl, (libssl: Libssl, ssl: SSL) => unknown>
  > = {
    SSL_set_connect_state: (libssl, ssl) => libssl.SSL_set_connect_state(ssl),
    SSL_set_accept_state: (libssl, ssl) => libssl.SSL_set_accept_state(ssl),
    SSL_do_handshake: (libssl, ssl) => libssl.SSL_do_handshake(ssl),
    SSL_connect: (libssl, ssl) => libssl.SSL_connect(ssl),
    SSL_accept: (libssl, ssl) => libssl.SSL_accept(ssl),
    SSL_read: (libssl, ssl) => libssl.SSL_read(ssl, buffer),
    SSL_peek: (libssl, ssl) => libssl.SSL_peek(ssl, buffer),
    SSL_write: (libssl, ssl) => libssl.SSL_write(ssl, buffer),
    SSL_shutdown: (libssl, ssl) => libssl.SSL_shutdown(ssl),
    SSL_renegotiate: (libssl, ssl) => libssl.SSL_renegotiate(ssl),
    SSL_renegotiate_abbreviated: (libssl, ssl) =>
      libssl.SSL_renegotiate_abbreviated(ssl),
    SSL_key_update: (libssl, ssl) =>
      libssl.SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED),
    SSL_new_session_ticket: (libssl, ssl) => libssl.SSL_new_session_ticket(ssl),
    SSL_verify_client_post_handshake: (libssl, ssl) =>
      libssl.SSL_verify_client_post_handshake(ssl),
    SSL_set_session: (libssl, ssl) => libssl.SSL_set_session(ssl, null),
    SSL_read_early_data: (libssl, ssl) =>
      libssl.SSL_read_early_data(ssl, buffer, out),
    SSL_write_early_data: (libssl, ssl) =>
      libssl.SSL_write_early_data(ssl, buffer, out),
  };

  for (const [name, drive] of Object.entries(DRIVERS)) {
    it(`${name} is a TlsError, for every connection`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server(STATEFUL);
      const other = peers.connect(peers.server(), peers.client());
      const errors: TlsError[] = [];
      libssl.SSL_CTX_sess_set_new_cb(server, (ssl) => {
        for (const it of [ssl, other.client]) {
          errors.push(assertThrows(() => drive(libssl, it), TlsError));
        }
        return 0;
      });
      const pair = peers.connect(server, peers.client());
      assertEquals(errors.map(({ code }) => code), [
        "reentrant-call",
        "reentrant-call",
      ]);
      assert(
        errors[0]?.message.startsWith(`Cannot call ${name} in a callback`),
      );
      pair.write("client", "fine");
      other.write("client", "fine");
      assertEquals([pair.read("server"), other.read("server")], [
        "fine",
        "fine",
      ]);
    });
  }
});

describe("asking and setting in a callback", () => {
  it("accessors answer", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const answers: unknown[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, (ssl, session) => {
      answers.push(
        libssl.SSL_get_version(ssl),
        libssl.SSL_CIPHER_get_bits(made(libssl.SSL_get_current_cipher(ssl))),
        libssl.SSL_get_SSL_CTX(ssl) === server,
        libssl.SSL_SESSION_get_protocol_version(session),
        libssl.SSL_CTX_sess_number(server),
        libssl.SSL_export_keying_material(ssl, 5, "label", null)?.length,
      );
      return 0;
    });
    peers.connect(server, peers.client());
    assertEquals(answers, ["TLSv1.2", 256, true, TLS1_2_VERSION, 1, 5]);
  });

  it("a callback may clear and replace itself", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(STATEFUL);
    const called: string[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, () => {
      called.push("first");
      libssl.SSL_CTX_sess_set_new_cb(server, () => {
        called.push("second");
        libssl.SSL_CTX_sess_set_new_cb(server, null);
        return 0;
      });
      return 0;
    });
    for (let i = 0; i < 3; i++) peers.visit(server, peers.client());
    assertEquals(called, ["first", "second"]);
  });
});

describe("the error queue in a callback", () => {
  const GARBAGE = Uint8Array.of(1, 2, 3);

  it("what a callback leaves in it doesn't disturb the connection", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    let reason: string | null | undefined;
    libssl.SSL_CTX_set_client_hello_cb(server, () => {
      assertEquals(libssl.d2i_SSL_SESSION(GARBAGE), null);
      reason = libssl.ERR_reason_error_string(libssl.ERR_peek_last_error());
      return SSL_CLIENT_HELLO_SUCCESS;
    });
    const pair = peers.pair(server, peers.client());
    pair.step("client");
    // It throws if SSL_get_error says SSL_ERROR_SSL.
    assertEquals(pair.step("server"), false);
    assertEquals(reason, "nested asn1 error");
    assertEquals(libssl.ERR_peek_error(), 0);
    pair.handshake();
  });

  it("what OpenSSL had put into it stays", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_2_VERSION });
    libssl.SSL_CTX_set_info_callback(server, () => {
      assertEquals(libssl.d2i_SSL_SESSION(GARBAGE), null);
    });
    const pair = peers.pair(server, peers.client({ version: TLS1_3_VERSION }));
    const ret = [pair.client, pair.server].map(libssl.SSL_do_handshake);
    assertEquals(libssl.SSL_get_error(pair.server, ret[1] ?? 0), SSL_ERROR_SSL);
    const reasons = [
      libssl.ERR_get_error_all()?.reason,
      libssl.ERR_get_error_all()?.reason,
    ];
    assertEquals(reasons, ["unsupported protocol", undefined]);
  });
});
