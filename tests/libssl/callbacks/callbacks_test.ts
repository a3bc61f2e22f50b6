/** What the callbacks for hellos and certificates are given, and what they may answer. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  type X509_STORE_CTX,
  X509_V_OK,
} from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

const ACCESS_DENIED = 49;
const UNABLE_TO_GET_ISSUER_CERT_LOCALLY = 20;
const CERT_REVOKED = 23;

describe("the client-hello callback", () => {
  it("can ask for every field of the hello", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    let seen: unknown[] = [];
    libssl.SSL_CTX_set_client_hello_cb(server, (ssl) => {
      const extensions = libssl.SSL_client_hello_get1_extensions_present(ssl);
      seen = [
        libssl.SSL_client_hello_get0_legacy_version(ssl),
        libssl.SSL_client_hello_get0_random(ssl),
        libssl.SSL_client_hello_get0_session_id(ssl).length,
        libssl.SSL_client_hello_get0_ciphers(ssl).toHex().slice(0, 12),
        extensions.includes(0) && extensions.includes(51),
        libssl.SSL_client_hello_get0_ext(ssl, 0),
        libssl.SSL_client_hello_get0_ext(ssl, 0xfff0),
      ];
      return SSL_CLIENT_HELLO_SUCCESS;
    });
    const { client } = peers.connect(server, peers.client(), {
      serverName: "a.b",
    });
    assertEquals(seen, [
      TLS1_2_VERSION,
      libssl.SSL_get_client_random(client),
      32,
      "130213031301",
      true,
      Uint8Array.of(0, 6, 0, 0, 3, 97, 46, 98),
      null,
    ]);
  });

  it("can refuse, with an alert", () => {
    using peers = new Peers();
    const server = peers.server();
    peers.libssl.SSL_CTX_set_client_hello_cb(server, (_ssl, alert) => {
      alert.value = ACCESS_DENIED;
      return SSL_CLIENT_HELLO_ERROR;
    });
    const pair = peers.pair(server, peers.client());
    assertThrows(() => pair.handshake(), HandshakeError, "callback failed");
    assert(lastAlertOf(peers).includes("access denied"));
  });
});

describe("the servername callback", () => {
  it("learns the name, and can refuse it", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const names: (string | null)[] = [];
    libssl.SSL_CTX_set_tlsext_servername_callback(server, (ssl, alert) => {
      const name = libssl.SSL_get_servername(ssl);
      names.push(name);
      if (name !== "refused.example") return SSL_TLSEXT_ERR_OK;
      alert.value = ACCESS_DENIED;
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    });
    const client = peers.client();
    peers.connect(server, client);
    peers.connect(server, client, { serverName: "good.example" });
    const refused = peers.pair(server, client, {
      serverName: "refused.example",
    });
    assertThrows(() => refused.handshake(), HandshakeError, "callback failed");
    assert(lastAlertOf(peers).includes("access denied"));
    assertEquals(names, [null, "good.example", "refused.example"]);
  });
});

describe("the ALPN callback", () => {
  const OFFER = new TextEncoder().encode("\x02h2\x08http/1.1");

  /** What is selected when a server answers so. */
  function select(peers: Peers, answer: string | number): string {
    const { libssl } = peers;
    const server = peers.server();
    const client = peers.client();
    assertEquals(libssl.SSL_CTX_set_alpn_protos(client, OFFER), 0);
    libssl.SSL_CTX_set_alpn_select_cb(server, (_ssl, offered) => {
      assertEquals(offered, ["h2", "http/1.1"]);
      return answer;
    });
    const pair = peers.connect(server, client);
    const selected = libssl.SSL_get0_alpn_selected(pair.client);
    assertEquals(libssl.SSL_get0_alpn_selected(pair.server), selected);
    return new TextDecoder().decode(selected);
  }

  it("selects one of the offered protocols", () => {
    using peers = new Peers();
    assertEquals(select(peers, "http/1.1"), "http/1.1");
    assertEquals(select(peers, "h2"), "h2");
  });

  it("can go on without, or refuse", () => {
    using peers = new Peers();
    assertEquals(select(peers, SSL_TLSEXT_ERR_NOACK), "");
    const refuse = (): string => select(peers, SSL_TLSEXT_ERR_ALERT_FATAL);
    assertThrows(refuse, HandshakeError, "no application protocol");
  });

  it("can't select what wasn't offered", () => {
    using peers = new Peers();
    assertThrows(
      () => select(peers, "h3"),
      TypeError,
      'Cannot select the ALPN protocol "h3": the client offers h2, http/1.1',
    );
  });
});

describe("the verify callback", () => {
  it("is called from the top of the chain, and can overrule OpenSSL", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { root, intermediate, leaf } = makeChain(peers);
    const server = peers.client();
    libssl.SSL_CTX_use_certificate(server, leaf.cert);
    libssl.SSL_CTX_use_PrivateKey(server, leaf.key);
    libssl.SSL_CTX_add1_chain_cert(server, intermediate.cert);
    const client = peers.client();
    const store = made(libssl.SSL_CTX_get_cert_store(client));
    const seen: unknown[] = [];
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, (ok, x509_ctx) => {
      const cert = libssl.X509_STORE_CTX_get_current_cert(x509_ctx);
      seen.push([
        ok,
        libssl.X509_STORE_CTX_get_error(x509_ctx),
        libssl.X509_STORE_CTX_get_error_depth(x509_ctx),
        libssl.X509_get_subject_name(made(cert)),
      ]);
      return 1;
    });

    const unknown = peers.connect(server, client);
    assertEquals(seen[0], [
      0,
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      1,
      "CN=intermediate",
    ]);
    assertNotEquals(libssl.SSL_get_verify_result(unknown.client), X509_V_OK);

    seen.length = 0;
    libssl.X509_STORE_add_cert(store, root.cert);
    const known = peers.connect(server, client);
    assertEquals(seen, [
      [1, 0, 2, "CN=root"],
      [1, 0, 1, "CN=intermediate"],
      [1, 0, 0, "CN=leaf.example"],
    ]);
    assertEquals(libssl.SSL_get_verify_result(known.client), X509_V_OK);
    const verified = libssl.SSL_get0_verified_chain(known.client);
    assertEquals(verified.length, 3);
  });

  it("can refuse, for a reason of its own", () => {
    using peers = new Peers();
    const { libssl } = peers;
    let kept: X509_STORE_CTX | undefined;
    const client = peers.client();
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, (_ok, x509_ctx) => {
      kept = x509_ctx;
      libssl.X509_STORE_CTX_set_error(x509_ctx, CERT_REVOKED);
      return 0;
    });
    const pair = peers.pair(peers.server(), client);
    const failed = assertThrows(() => pair.handshake(), HandshakeError);
    assertEquals(failed.message, "client: certificate verify failed");
    const reason = libssl.SSL_get_verify_result(pair.client);
    assertEquals(reason, CERT_REVOKED);
    assertEquals(
      libssl.X509_verify_cert_error_string(reason),
      "certificate revoked",
    );
    assert(lastAlertOf(peers).includes("certificate revoked"));
    // What it is passed lives as long as the call.
    const use = (): unknown =>
      libssl.X509_STORE_CTX_get_error(made(kept ?? null));
    assertThrows(use, TypeError, "freed");
  });
});

/** The alert that ended the last handshake, in OpenSSL's words. */
function lastAlertOf({ libssl }: Peers): string {
  const code = libssl.ERR_peek_last_error();
  return libssl.ERR_reason_error_string(code) ?? "";
}
