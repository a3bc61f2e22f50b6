/** The callbacks that give or judge credentials: pre-shared keys, OCSP, early data. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Out,
  type SSL_CTX,
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_REJECTED,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLSEXT_STATUSTYPE_ocsp,
} from "../../../src/libssl/mod.ts";
import { HandshakeError } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("pre-shared keys", () => {
  const KEY = new Uint8Array(32).fill(7);

  /** A client and a server that know keys, and no certificate. */
  function knowing(
    peers: Peers,
    version: number,
    keys: Record<string, Uint8Array>,
  ): { client: SSL_CTX; server: SSL_CTX; heard: unknown[] } {
    const { libssl } = peers;
    const [client, server] = [
      peers.client({ version }),
      peers.client({ version }),
    ];
    const heard: unknown[] = [];
    if (version === TLS1_2_VERSION) {
      libssl.SSL_CTX_set_cipher_list(client, "PSK");
      libssl.SSL_CTX_set_cipher_list(server, "PSK");
    }
    libssl.SSL_CTX_use_psk_identity_hint(server, "who are you?");
    libssl.SSL_CTX_set_psk_client_callback(client, (_ssl, hint) => {
      heard.push(hint);
      return { identity: "Ålice", psk: KEY };
    });
    libssl.SSL_CTX_set_psk_server_callback(server, (_ssl, identity) => {
      heard.push(identity);
      return keys[identity] ?? null;
    });
    return { client, server, heard };
  }

  it("authenticate both sides in TLS 1.2, by the server's hint", () => {
    using peers = new Peers();
    const { client, server, heard } = knowing(peers, TLS1_2_VERSION, {
      Ålice: KEY,
    });
    const pair = peers.connect(server, client);
    pair.write("client", "hello");
    assertEquals(pair.read("server"), "hello");
    assertEquals(heard, ["who are you?", "Ålice"]);
    assertEquals(peers.libssl.SSL_get_psk_identity(pair.server), "Ålice");
  });

  it("authenticate both sides in TLS 1.3", () => {
    using peers = new Peers();
    const { client, server, heard } = knowing(peers, TLS1_3_VERSION, {
      Ålice: KEY,
    });
    const pair = peers.connect(server, client);
    pair.write("client", "hello");
    assertEquals(pair.read("server"), "hello");
    assertEquals(heard, [null, "Ålice"]);
    assert(pair.resumed);
  });

  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`end the handshake of TLS ${name} when they aren't known`, () => {
      using peers = new Peers();
      const { client, server } = knowing(peers, version, {});
      const pair = peers.pair(server, client);
      const reason = version === TLS1_2_VERSION
        ? "psk identity not found"
        : "no suitable signature algorithm";
      assertThrows(() => pair.handshake(), HandshakeError, reason);
    });

    it(`end the handshake of TLS ${name} when they differ`, () => {
      using peers = new Peers();
      const { client, server } = knowing(peers, version, {
        Ålice: new Uint8Array(32),
      });
      const pair = peers.pair(server, client);
      assertThrows(() => pair.handshake(), HandshakeError);
    });
  }

  it("can be longer than C takes: a RangeError that says so", () => {
    using peers = new Peers();
    const { client, server } = knowing(peers, TLS1_2_VERSION, {
      Ålice: new Uint8Array(10_000),
    });
    const pair = peers.pair(server, client);
    const message = "psk must be at most 512 bytes, received 10000";
    assertThrows(() => pair.handshake(), RangeError, message);
  });
});

describe("OCSP stapling", () => {
  const RESPONSE = Uint8Array.of(0x30, 3, 0x0a, 1, 0);

  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`brings the server's response to a client that asks, in TLS ${name}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ version });
      libssl.SSL_CTX_set_tlsext_status_cb(server, (ssl) => {
        libssl.SSL_set_tlsext_status_ocsp_resp(ssl, RESPONSE);
        return SSL_TLSEXT_ERR_OK;
      });
      const staples = [false, true].map((asks) => {
        const pair = peers.pair(server, peers.client());
        if (asks) {
          const type = TLSEXT_STATUSTYPE_ocsp;
          libssl.SSL_set_tlsext_status_type(pair.client, type);
        }
        pair.handshake();
        return libssl.SSL_get_tlsext_status_ocsp_resp(pair.client);
      });
      assertEquals(staples, [null, RESPONSE]);
    });
  }

  it("lets a server go on without, or refuse", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const handshake = (answer: number): Uint8Array | null => {
      libssl.SSL_CTX_set_tlsext_status_cb(server, () => answer);
      const pair = peers.pair(server, peers.client());
      libssl.SSL_set_tlsext_status_type(pair.client, TLSEXT_STATUSTYPE_ocsp);
      pair.handshake();
      return libssl.SSL_get_tlsext_status_ocsp_resp(pair.client);
    };
    assertEquals(handshake(SSL_TLSEXT_ERR_NOACK), null);
    const refuse = (): unknown => handshake(SSL_TLSEXT_ERR_ALERT_FATAL);
    assertThrows(refuse, HandshakeError, "server:");
  });

  it("lets a client judge the response: 1 takes it, 0 refuses it", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const client = peers.client();
    libssl.SSL_CTX_set_tlsext_status_cb(server, (ssl) => {
      libssl.SSL_set_tlsext_status_ocsp_resp(ssl, RESPONSE);
      return SSL_TLSEXT_ERR_OK;
    });
    let judgement = 1;
    libssl.SSL_CTX_set_tlsext_status_cb(client, (ssl) => {
      assertEquals(libssl.SSL_get_tlsext_status_ocsp_resp(ssl), RESPONSE);
      return judgement;
    });
    const handshake = (): void => {
      const pair = peers.pair(server, client);
      libssl.SSL_set_tlsext_status_type(pair.client, TLSEXT_STATUSTYPE_ocsp);
      pair.handshake();
    };
    handshake();
    judgement = 0;
    assertThrows(handshake, HandshakeError, "invalid status response");
    // What answers nothing hasn't taken it.
    libssl.SSL_CTX_set_tlsext_status_cb(
      client,
      (() => {}) as unknown as () => number,
    );
    assertThrows(handshake, HandshakeError, "client:");
  });
});

describe("the callback that decides on early data", () => {
  for (
    const [answer, status] of [
      [1, SSL_EARLY_DATA_ACCEPTED],
      [0, SSL_EARLY_DATA_REJECTED],
    ] as const
  ) {
    it(`answers ${answer}: it is ${answer ? "accepted" : "refused"}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ version: TLS1_3_VERSION });
      const client = peers.client();
      libssl.SSL_CTX_set_max_early_data(server, 100);
      libssl.SSL_CTX_set_allow_early_data_cb(server, () => answer);
      const session = peers.visit(server, client);

      const pair = peers.pair(server, client, { session });
      const count: Out<number> = { value: 0 };
      const early = new TextEncoder().encode("early");
      libssl.SSL_write_early_data(pair.client, early, count);
      const buffer = new Uint8Array(100);
      libssl.SSL_read_early_data(pair.server, buffer, count);
      pair.handshake();
      assertEquals(libssl.SSL_get_early_data_status(pair.client), status);
      const got = new TextDecoder().decode(buffer.subarray(0, count.value));
      assertEquals(got, answer ? "early" : "");
    });
  }
});
