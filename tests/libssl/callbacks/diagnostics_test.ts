/** The callbacks that watch a connection: key log, messages, states and alerts. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL3_RT_ALERT,
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
  SSL_CB_ALERT,
  SSL_CB_HANDSHAKE_DONE,
  SSL_CB_HANDSHAKE_START,
  SSL_CB_WRITE,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../../../src/libssl/mod.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;

describe("the key log callback", () => {
  it("is given TLS 1.2's master secret in NSS's format", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const client = peers.client();
    const lines: string[] = [];
    libssl.SSL_CTX_set_keylog_callback(client, (_ssl, line) => {
      lines.push(line);
    });
    const pair = peers.connect(
      peers.server({ version: TLS1_2_VERSION }),
      client,
    );
    const random = libssl.SSL_get_client_random(pair.client).toHex();
    const session = made(libssl.SSL_get_session(pair.client));
    const secret = libssl.SSL_SESSION_get_master_key(session).toHex();
    assertEquals(lines, [`CLIENT_RANDOM ${random} ${secret}`]);
  });

  it("is given TLS 1.3's secrets in NSS's format, the same on both sides", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const logs = [peers.client(), peers.server()].map((ctx) => {
      const lines: string[] = [];
      libssl.SSL_CTX_set_keylog_callback(ctx, (_ssl, line) => {
        lines.push(line);
      });
      return { ctx, lines };
    });
    const [client, server] = logs.map(({ ctx }) => ctx);
    peers.connect(made(server ?? null), made(client ?? null));

    const [ofClient = [], ofServer = []] = logs.map(({ lines }) => lines);
    for (const line of ofClient) {
      assertMatch(line, /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{96}$/);
    }
    assertEquals(ofClient.toSorted(), ofServer.toSorted());
    assertEquals(ofClient.map((line) => line.split(" ")[0]).toSorted(), [
      "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
      "CLIENT_TRAFFIC_SECRET_0",
      "EXPORTER_SECRET",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET",
      "SERVER_TRAFFIC_SECRET_0",
    ]);
  });
});

describe("the message callback", () => {
  it("is given each message's direction, version, type and bytes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const client = peers.client();
    const messages: [number, number, number, Uint8Array][] = [];
    libssl.SSL_CTX_set_msg_callback(client, (write, version, type, buf) => {
      messages.push([write, version, type, buf]);
    });
    const pair = peers.connect(peers.server(), client);

    const [[write, version, type, header] = []] = messages;
    assertEquals([write, version, type], [1, TLS1_VERSION, SSL3_RT_HEADER]);
    assertEquals(header?.toHex().slice(0, 6), "160301");

    const handshake = messages.filter(([, , type]) =>
      type === SSL3_RT_HANDSHAKE
    );
    const [[written, , , hello] = [], [read, then, , answer] = []] = handshake;
    assertEquals([written, hello?.[0]], [1, CLIENT_HELLO]);
    assertEquals([read, then, answer?.[0]], [0, TLS1_3_VERSION, SERVER_HELLO]);
    const random = libssl.SSL_get_client_random(pair.client);
    assertEquals(hello?.slice(6, 38), random);
  });

  it("can be set for one connection, and cleared", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(), peers.client());
    let count = 0;
    libssl.SSL_set_msg_callback(pair.server, (...[, , , , ssl]) => {
      assertEquals(ssl, pair.server);
      count++;
    });
    pair.handshake();
    assert(count > 0);

    libssl.SSL_set_msg_callback(pair.server, null);
    count = 0;
    pair.write("server", "more");
    assertEquals([pair.read("client"), count], ["more", 0]);
  });

  it("is copied by SSL_new: what the context gets later changes nothing", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const pair = peers.pair(server, peers.client());
    let count = 0;
    libssl.SSL_CTX_set_msg_callback(server, () => void count++);
    pair.handshake();
    assertEquals(count, 0);
  });
});

describe("the info callback", () => {
  it("is told of a handshake's start and end", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const states = new Set<number>();
    libssl.SSL_CTX_set_info_callback(server, (_ssl, where) => {
      states.add(where);
    });
    peers.connect(server, peers.client());
    assert(states.has(SSL_CB_HANDSHAKE_START));
    assert(states.has(SSL_CB_HANDSHAKE_DONE));
  });

  it("is told of alerts, as is the message callback", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_2_VERSION });
    const alerts: unknown[] = [];
    const messages: string[] = [];
    libssl.SSL_CTX_set_info_callback(server, (_ssl, where, ret) => {
      if ((where & SSL_CB_ALERT) === 0) return;
      alerts.push([
        (where & SSL_CB_WRITE) !== 0,
        libssl.SSL_alert_type_string_long(ret),
        libssl.SSL_alert_desc_string_long(ret),
      ]);
    });
    libssl.SSL_CTX_set_msg_callback(server, (_write, _version, type, buf) => {
      if (type === SSL3_RT_ALERT) messages.push(buf.toHex());
    });
    const pair = peers.pair(
      server,
      peers.client({ version: TLS1_3_VERSION }),
    );
    assertThrows(
      () => pair.handshake(),
      HandshakeError,
      "server: unsupported protocol",
    );
    assertEquals(alerts, [[true, "fatal", "protocol version"]]);
    assertEquals(messages, ["0246"]);
  });

  it("of a connection goes before the context's", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const called = new Set<string>();
    libssl.SSL_CTX_set_info_callback(server, () => void called.add("context"));
    const pair = peers.pair(server, peers.client());
    libssl.SSL_set_info_callback(pair.server, () => {
      called.add("connection");
    });
    pair.handshake();
    assertEquals(called, new Set(["connection"]));

    libssl.SSL_set_info_callback(pair.server, null);
    pair.close();
    assertEquals(called, new Set(["connection", "context"]));
  });
});
