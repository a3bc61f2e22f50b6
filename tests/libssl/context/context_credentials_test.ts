/** Contexts: certificates, trust, ticket keys, records. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_CB_ALERT,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
} from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("a context's certificate", () => {
  it("goes with its key", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    assertEquals(libssl.SSL_CTX_get0_certificate(ctx), null);
    assertEquals(libssl.SSL_CTX_check_private_key(ctx), 0);
    const { cert, key } = peers.certificate("P-256");
    const other = made(libssl.EVP_EC_gen("P-256"));
    assertEquals(libssl.SSL_CTX_use_certificate(ctx, cert), 1);
    assertEquals(libssl.SSL_CTX_use_PrivateKey(ctx, other), 0);
    assertEquals(libssl.SSL_CTX_use_PrivateKey(ctx, key), 1);
    assertEquals(libssl.SSL_CTX_check_private_key(ctx), 1);
    assertEquals(libssl.SSL_CTX_get0_certificate(ctx), cert);
    libssl.EVP_PKEY_free(other);
  });

  it("is verified by the trusted ones, as deep as was set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { root, intermediate, leaf } = makeChain(peers);
    const server = peers.client();
    libssl.SSL_CTX_use_certificate(server, leaf.cert);
    libssl.SSL_CTX_use_PrivateKey(server, leaf.key);
    libssl.SSL_CTX_add1_chain_cert(server, intermediate.cert);

    const store = made(libssl.X509_STORE_new());
    libssl.X509_STORE_add_cert(store, root.cert);
    const client = peers.client();
    libssl.SSL_CTX_set1_cert_store(client, store);
    libssl.X509_STORE_free(store);
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, null);
    assertEquals(libssl.SSL_CTX_get_verify_mode(client), SSL_VERIFY_PEER);
    peers.connect(server, client);

    libssl.SSL_CTX_set_verify_depth(client, 0);
    const shallow = peers.pair(server, client);
    const handshake = (): void => shallow.handshake();
    assertThrows(handshake, HandshakeError, "certificate verify failed");
  });

  it("is asked of clients with the authorities' names", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const { cert } = peers.certificate("P-256");
    const requests: number[] = [];
    libssl.SSL_CTX_set_verify(server, SSL_VERIFY_PEER, null);
    const client = peers.client();
    libssl.SSL_CTX_set_msg_callback(client, (_write, _version, type, buf) => {
      if (type === 22 && buf[0] === 13) requests.push(buf.length);
    });
    peers.connect(server, client);
    assertEquals(libssl.SSL_CTX_add1_to_CA_list(server, cert), 1);
    peers.connect(server, client);
    const [without = 0, withName = 0] = requests;
    assert(withName > without + "localhost".length);
  });
});

describe("a context's tickets", () => {
  it("are sealed by keys that contexts can share", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [one, other] = [peers.server(), peers.server()];
    const client = peers.client();
    const keys = libssl.SSL_CTX_get_tlsext_ticket_keys(one);
    assertEquals(keys.length, 80);
    assertNotEquals(libssl.SSL_CTX_get_tlsext_ticket_keys(other), keys);

    const session = peers.visit(one, client);
    assert(!peers.connect(other, client, { session }).resumed);
    assertEquals(libssl.SSL_CTX_set_tlsext_ticket_keys(other, keys), 1);
    assert(peers.connect(other, client, { session }).resumed);
    const short = keys.subarray(1);
    assertEquals(libssl.SSL_CTX_set_tlsext_ticket_keys(other, short), 0);
  });

  it("are as many as was set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    assertEquals(libssl.SSL_CTX_get_num_tickets(ctx), 2);
    assertEquals(libssl.SSL_CTX_set_num_tickets(ctx, 7), 1);
    assertEquals(libssl.SSL_CTX_get_num_tickets(ctx), 7);
    const ssl = made(libssl.SSL_new(ctx));
    assertEquals(libssl.SSL_get_num_tickets(ssl), 7);
    assertEquals(libssl.SSL_set_num_tickets(ssl, 1), 1);
    assertEquals(libssl.SSL_get_num_tickets(ssl), 1);
    libssl.SSL_free(ssl);
  });
});

describe("a context's records and ends", () => {
  it("have at most the length that was set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_2_VERSION });
    assertEquals(libssl.SSL_CTX_set_max_send_fragment(server, 511), 0);
    assertEquals(libssl.SSL_CTX_set_max_send_fragment(server, 512), 1);
    const pair = peers.connect(server, peers.client());
    pair.write("server", "x".repeat(1200));
    assertEquals(["", "", ""].map(() => pair.read("client").length), [
      512,
      512,
      176,
    ]);
  });

  it("take a peer's chain of at most the length that was set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const client = peers.client();
    assertEquals(libssl.SSL_CTX_get_max_cert_list(client), 102_400);
    assertEquals(libssl.SSL_CTX_set_max_cert_list(client, 100), 102_400);
    const pair = peers.pair(peers.server(), client);
    assertEquals(libssl.SSL_get_max_cert_list(pair.client), 100);
    assertThrows(() => pair.handshake(), HandshakeError, "excessive message");
    pair.close();
    const wide = peers.pair(peers.server(), client);
    assertEquals(libssl.SSL_set_max_cert_list(wide.client, 10_000), 100);
    wide.handshake();
    wide.close();
  });

  it("are quiet if that was set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    libssl.SSL_CTX_set_quiet_shutdown(server, 1);
    const pair = peers.connect(server, peers.client());
    let alerts = 0;
    libssl.SSL_set_info_callback(pair.server, (_ssl, where) => {
      if (where & SSL_CB_ALERT) alerts++;
    });
    assertEquals(libssl.SSL_shutdown(pair.server), 1);
    assertEquals(alerts, 0);
    libssl.SSL_set_quiet_shutdown(pair.server, 0);
    libssl.SSL_set_shutdown(pair.server, 0);
    assertEquals(libssl.SSL_shutdown(pair.server), 0);
    assertEquals(alerts, 1);
  });
});
