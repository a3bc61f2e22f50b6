/** What can be said after a handshake: new keys, renegotiation, new tickets. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL3_RT_HANDSHAKE,
  SSL_KEY_UPDATE_NOT_REQUESTED,
  SSL_KEY_UPDATE_REQUESTED,
  SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
  SSL_OP_NO_RENEGOTIATION,
  SSL_VERIFY_PEER,
  SSL_VERIFY_POST_HANDSHAKE,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made, type Pair } from "../../support/pair.ts";
import { type ContextOptions, Peers } from "../../support/peers.ts";

const TLS1_2: ContextOptions = { version: TLS1_2_VERSION };
const TLS1_3: ContextOptions = { version: TLS1_3_VERSION };
const KEY_UPDATE = 24;

/** Sends a word each way. */
function talk(pair: Pair): void {
  pair.write("client", "ping");
  assertEquals(pair.read("server"), "ping");
  pair.write("server", "pong");
  assertEquals(pair.read("client"), "pong");
}

describe("SSL_key_update", () => {
  it("brings new keys, for both directions if asked", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(TLS1_3), peers.client());
    const updates: string[] = [];
    for (const side of ["client", "server"] as const) {
      libssl.SSL_set_msg_callback(pair[side], (write, _version, type, buf) => {
        if (!write || type !== SSL3_RT_HANDSHAKE) return;
        if (buf[0] === KEY_UPDATE) updates.push(side);
      });
    }
    pair.handshake();
    const update = SSL_KEY_UPDATE_NOT_REQUESTED;
    assertEquals(libssl.SSL_key_update(pair.client, update), 1);
    talk(pair);
    assertEquals(updates, ["client"]);
    const both = SSL_KEY_UPDATE_REQUESTED;
    assertEquals(libssl.SSL_key_update(pair.client, both), 1);
    talk(pair);
    assertEquals(updates, ["client", "client", "server"]);
  });

  it("isn't bounded where the program has the connection itself", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(TLS1_3), peers.client());
    for (let i = 0; i < 40; i++) {
      libssl.SSL_key_update(pair.client, SSL_KEY_UPDATE_NOT_REQUESTED);
      talk(pair);
    }
  });

  it("is refused for TLS 1.2, and for a kind that there isn't", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const old = peers.connect(peers.server(TLS1_2), peers.client());
    assertEquals(libssl.SSL_key_update(old.client, 0), 0);
    assertEquals(libssl.ERR_get_error_all()?.reason, "wrong ssl version");
    const pair = peers.connect(peers.server(TLS1_3), peers.client());
    assertEquals(libssl.SSL_key_update(pair.client, 7), 0);
    assertEquals(
      libssl.ERR_get_error_all()?.reason,
      "invalid key update type",
    );
  });
});

describe("SSL_renegotiate", () => {
  it("makes a new handshake, for which a server asks when it wants", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.connect(peers.server(TLS1_2), peers.client());
    const before = libssl.SSL_get_finished(pair.client);
    assertEquals(libssl.SSL_renegotiate(pair.server), 1);
    assertEquals(libssl.SSL_renegotiate_pending(pair.server), 1);
    pair.step("server");
    pair.read("client");
    pair.exchange();
    assertEquals(libssl.SSL_renegotiate_pending(pair.server), 0);
    assertNotEquals(libssl.SSL_get_finished(pair.client), before);
    talk(pair);
  });

  it("needs the server's leave when the client wants", () => {
    using peers = new Peers();
    const { libssl } = peers;
    for (const options of [SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0n]) {
      const pair = peers.connect(
        peers.server({ ...TLS1_2, options }),
        peers.client(),
      );
      const before = libssl.SSL_get_finished(pair.client);
      assertEquals(libssl.SSL_renegotiate(pair.client), 1);
      pair.step("client");
      libssl.ERR_clear_error();
      pair.read("server");
      pair.read("client");
      const reason = libssl.ERR_get_error_all()?.reason;
      if (options === 0n) {
        assertEquals(reason, "no renegotiation");
      } else {
        pair.exchange();
        assertNotEquals(libssl.SSL_get_finished(pair.client), before);
        talk(pair);
      }
    }
  });

  it("resumes the session if it is to be abbreviated", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
    for (
      const name of ["SSL_renegotiate", "SSL_renegotiate_abbreviated"] as const
    ) {
      const pair = peers.connect(
        peers.server({ ...TLS1_2, options }),
        peers.client(),
      );
      assertEquals(libssl[name](pair.client), 1);
      pair.step("client");
      pair.read("server");
      pair.read("client");
      pair.exchange();
      const resumed = Number(name === "SSL_renegotiate_abbreviated");
      assertEquals(libssl.SSL_session_reused(pair.client), resumed);
    }
  });

  it("resumes another connection's session, by a method for one version", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
    const server = peers.server({ ...TLS1_2, options });
    const other = peers.connect(server, peers.client());
    const session = made(libssl.SSL_get1_session(other.client));
    const ctx = made(libssl.SSL_CTX_new(libssl.TLSv1_2_client_method()));
    const pair = peers.connect(server, ctx);
    assertEquals(libssl.SSL_set_session(pair.client, session), 1);
    assertEquals(libssl.SSL_renegotiate_abbreviated(pair.client), 1);
    pair.step("client");
    pair.read("server");
    pair.read("client");
    pair.exchange();
    assertEquals(libssl.SSL_session_reused(pair.client), 1);
    libssl.SSL_SESSION_free(session);
    libssl.SSL_CTX_free(ctx);
  });

  it("is refused by TLS 1.3 and by an option", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { client } = peers.connect(peers.server(TLS1_3), peers.client());
    assertEquals(libssl.SSL_renegotiate(client), 0);
    assertEquals(libssl.ERR_get_error_all()?.reason, "wrong ssl version");
    const options = SSL_OP_NO_RENEGOTIATION;
    const other = peers.connect(
      peers.server({ ...TLS1_2, options }),
      peers.client(),
    );
    assertEquals(libssl.SSL_renegotiate(other.server), 0);
    assertEquals(libssl.ERR_get_error_all()?.reason, "no renegotiation");
  });
});

describe("SSL_verify_client_post_handshake", () => {
  it("asks a client that is willing for its certificate", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    libssl.SSL_CTX_set_session_id_context(server, Uint8Array.of(1));
    const client = peers.client({ keyType: "Ed25519" });
    libssl.SSL_CTX_set_post_handshake_auth(client, 1);
    const pair = peers.connect(server, client);
    const mode = SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE;
    libssl.SSL_set_verify(pair.server, mode, () => 1);
    assertEquals(libssl.SSL_get0_peer_certificate(pair.server), null);
    assertEquals(libssl.SSL_verify_client_post_handshake(pair.server), 1);
    pair.step("server");
    pair.read("client");
    pair.read("server");
    const cert = made(libssl.SSL_get0_peer_certificate(pair.server));
    assertEquals(libssl.X509_get_subject_name(cert), "CN=localhost");
    talk(pair);
  });

  it("is refused for a client that isn't", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(TLS1_3), peers.client());
    libssl.SSL_set_post_handshake_auth(pair.client, 0);
    pair.handshake();
    assertEquals(libssl.SSL_verify_client_post_handshake(pair.server), 0);
    assertEquals(
      libssl.ERR_get_error_all()?.reason,
      "extension not received",
    );
  });
});

describe("SSL_new_session_ticket", () => {
  it("sends one more ticket, with the next write", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server(TLS1_3);
    libssl.SSL_CTX_set_num_tickets(server, 0);
    const client = peers.client();
    const diary = new CallbackLog(libssl, server);
    const pair = peers.connect(server, client);
    assertEquals(diary.take(), []);
    assertEquals(libssl.SSL_new_session_ticket(pair.server), 1);
    talk(pair);
    assertEquals(diary.take(), ["new"]);
    const session = peers.session(pair);
    pair.close();
    assert(peers.connect(server, client, { session }).resumed);
  });
});
