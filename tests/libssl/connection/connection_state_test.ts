/** Connections: what one says of itself, of its peer and of its data. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_ERROR_NONE,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_ZERO_RETURN,
  SSL_RECEIVED_SHUTDOWN,
  SSL_SENT_SHUTDOWN,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("what a connection says", () => {
  it("of its state, before and after the handshake", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(), peers.client(), {
      serverName: "a.example",
    });
    const { client, server } = pair;
    const stateOf = (): unknown[] => [
      libssl.SSL_in_init(client),
      libssl.SSL_is_init_finished(client),
      libssl.SSL_state_string_long(client),
    ];
    assertEquals(stateOf(), [1, 0, "before SSL initialization"]);
    assertEquals(libssl.SSL_get_current_cipher(client), null);
    assertEquals(libssl.SSL_get_pending_cipher(client), null);
    assertEquals(libssl.SSL_get_session(client), null);
    assertEquals(libssl.SSL_get0_group_name(client), null);
    assertEquals(libssl.SSL_get_peer_cert_chain(client), []);
    pair.step("client");
    assertEquals(stateOf(), [1, 0, "SSLv3/TLS write client hello"]);
    pair.handshake();
    assertEquals(stateOf(), [0, 1, "SSL negotiation finished successfully"]);
    const cipher = made(libssl.SSL_get_current_cipher(client));
    assertEquals(libssl.SSL_get_pending_cipher(client), cipher);

    assertEquals(
      [libssl.SSL_is_server(client), libssl.SSL_is_server(server)],
      [0, 1],
    );
    assertEquals(libssl.SSL_version(client), TLS1_3_VERSION);
    assertEquals(libssl.SSL_get_version(client), "TLSv1.3");
    assertEquals(libssl.SSL_get_servername(server), "a.example");
    assertEquals(libssl.SSL_get0_group_name(client), "X25519MLKEM768");
    assertEquals(libssl.SSL_get_peer_cert_chain(client).length, 1);
    assertEquals(libssl.SSL_get_psk_identity(client), null);
  });

  it("of randoms and Finished messages, the same on both sides", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { client, server } = peers.connect(peers.server(), peers.client());
    for (
      const get of [libssl.SSL_get_client_random, libssl.SSL_get_server_random]
    ) {
      assertEquals(get(client).length, 32);
      assertEquals(get(client), get(server));
    }
    const sent = libssl.SSL_get_finished(client);
    assertEquals(sent.length, 48);
    assertEquals(libssl.SSL_get_peer_finished(server), sent);
    assertEquals(
      libssl.SSL_get_finished(server),
      libssl.SSL_get_peer_finished(client),
    );
  });

  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`of exported keys, the same on both sides of TLS ${name}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const pair = peers.connect(peers.server({ version }), peers.client());
      const keys = [
        ["EXPERIMENTAL one", null],
        ["EXPERIMENTAL one", new Uint8Array()],
        ["EXPERIMENTAL one", Uint8Array.of(1)],
        ["EXPERIMENTAL two", null],
      ].map(([label, context]) => {
        const [ofClient, ofServer] = [pair.client, pair.server].map((ssl) =>
          libssl.SSL_export_keying_material(
            ssl,
            40,
            label as string,
            context as Uint8Array | null,
          )
        );
        assertEquals(ofClient, ofServer);
        return made(ofClient ?? null).toHex();
      });
      // In TLS 1.3 no context is the same as an empty one.
      assertEquals(new Set(keys).size, version === TLS1_2_VERSION ? 4 : 3);
    });
  }

  it("of data that waits, and of what may be read", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(), peers.client());
    const waiting = (): number[] => [
      libssl.SSL_pending(pair.client),
      libssl.SSL_has_pending(pair.client),
    ];
    assertEquals(waiting(), [0, 0]);
    pair.write("server", "hello");
    const buffer = new Uint8Array(2);
    assertEquals(libssl.SSL_peek(pair.client, buffer), 2);
    assertEquals(waiting(), [5, 1]);
    assertEquals(libssl.SSL_read(pair.client, buffer), 2);
    assertEquals(new TextDecoder().decode(buffer), "he");
    assertEquals(waiting(), [3, 1]);
    assertEquals(pair.read("client"), "llo");
    const ret = libssl.SSL_read(pair.client, buffer);
    assertEquals(libssl.SSL_get_error(pair.client, ret), SSL_ERROR_WANT_READ);
  });

  it("of its end", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { client, server } = peers.connect(peers.server(), peers.client());
    assertEquals(libssl.SSL_get_shutdown(client), 0);
    assertEquals(libssl.SSL_shutdown(client), 0);
    assertEquals(libssl.SSL_get_shutdown(client), SSL_SENT_SHUTDOWN);
    const ret = libssl.SSL_read(server, new Uint8Array(1));
    assertEquals(libssl.SSL_get_error(server, ret), SSL_ERROR_ZERO_RETURN);
    assertEquals(libssl.SSL_get_shutdown(server), SSL_RECEIVED_SHUTDOWN);
    assertEquals(libssl.SSL_shutdown(server), 1);
    assertEquals(libssl.SSL_get_error(server, 1), SSL_ERROR_NONE);
    assertEquals(libssl.SSL_shutdown(client), 1);
  });

  it("of the BIOs that it was given one by one", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ssl = made(libssl.SSL_new(peers.client()));
    assertEquals(libssl.SSL_get_rbio(ssl), null);
    const [read, write] = [
      made(libssl.BIO_new_mem()),
      made(libssl.BIO_new_mem()),
    ];
    libssl.SSL_set0_rbio(ssl, read);
    libssl.SSL_set0_wbio(ssl, write);
    assertEquals(libssl.SSL_get_rbio(ssl), read);
    assertEquals(libssl.SSL_get_wbio(ssl), write);
    const ret = libssl.SSL_connect(ssl);
    assertEquals(libssl.SSL_get_error(ssl, ret), SSL_ERROR_WANT_READ);
    assert(libssl.BIO_ctrl_pending(write) > 0);
    libssl.SSL_free(ssl);
  });
});
