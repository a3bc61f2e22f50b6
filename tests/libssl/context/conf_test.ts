/** OpenSSL's configuration language, on contexts and connections. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL_CONF_CTX,
  SSL_CONF_FLAG_CERTIFICATE,
  SSL_CONF_FLAG_CLIENT,
  SSL_CONF_FLAG_CMDLINE,
  SSL_CONF_FLAG_FILE,
  SSL_CONF_FLAG_SERVER,
  SSL_CONF_FLAG_SHOW_ERRORS,
  SSL_CONF_TYPE_FILE,
  SSL_CONF_TYPE_NONE,
  SSL_CONF_TYPE_STRING,
  SSL_CONF_TYPE_UNKNOWN,
  SSL_OP_CIPHER_SERVER_PREFERENCE,
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

const FILE = SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SHOW_ERRORS |
  SSL_CONF_FLAG_CLIENT | SSL_CONF_FLAG_SERVER;

/** A reader with these flags. */
function reader(peers: Peers, flags: number): SSL_CONF_CTX {
  const { libssl } = peers;
  const cctx = made(libssl.SSL_CONF_CTX_new());
  peers.defer(() => libssl.SSL_CONF_CTX_free(cctx));
  assertEquals(libssl.SSL_CONF_CTX_set_flags(cctx, flags), flags);
  return cctx;
}

describe("SSL_CONF_cmd", () => {
  it("configures a context", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const cctx = reader(peers, FILE);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, ctx);
    const commands = {
      MinProtocol: "TLSv1.2",
      MaxProtocol: "TLSv1.3",
      CipherString: "ECDHE+AESGCM",
      Ciphersuites: "TLS_AES_128_GCM_SHA256",
      Groups: "X25519:P-256",
      SignatureAlgorithms: "ECDSA+SHA256",
      Options: "-SessionTicket,ServerPreference",
      NumTickets: "5",
      VerifyMode: "Peer",
    };
    for (const [command, value] of Object.entries(commands)) {
      assertEquals(libssl.SSL_CONF_cmd(cctx, command, value), 2, command);
    }
    assertEquals(libssl.SSL_CONF_CTX_finish(cctx), 1);

    assertEquals(libssl.SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
    assertEquals(libssl.SSL_CTX_get_max_proto_version(ctx), TLS1_3_VERSION);
    const options = libssl.SSL_CTX_get_options(ctx);
    assert(options & SSL_OP_NO_TICKET);
    assert(options & SSL_OP_CIPHER_SERVER_PREFERENCE);
    assertEquals(libssl.SSL_CTX_get_num_tickets(ctx), 5);
    assertEquals(libssl.SSL_CTX_get_verify_mode(ctx), 1);
    const { client } = peers.connect(ctx, peers.client());
    assertEquals(libssl.SSL_get0_group_name(client), "x25519");
    const cipher = made(libssl.SSL_get_current_cipher(client));
    assertEquals(libssl.SSL_CIPHER_get_name(cipher), "TLS_AES_128_GCM_SHA256");
  });

  it("configures a connection", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.server(), peers.client());
    const cctx = reader(peers, FILE);
    libssl.SSL_CONF_CTX_set_ssl(cctx, pair.client);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "MaxProtocol", "TLSv1.2"), 2);
    pair.handshake();
    assertEquals(libssl.SSL_get_version(pair.client), "TLSv1.2");
  });

  it("takes the names of a command line too, and switches without a value", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const cctx = reader(peers, SSL_CONF_FLAG_CMDLINE | SSL_CONF_FLAG_SERVER);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, ctx);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "-no_ticket", null), 1);
    assert(libssl.SSL_CTX_get_options(ctx) & SSL_OP_NO_TICKET);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "-groups", "P-256"), 2);
    // Names of a file aren't known to it.
    assertEquals(libssl.SSL_CONF_cmd(cctx, "Groups", "P-256"), -2);
  });

  it("says what it doesn't know, lacks or refuses, and why", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cctx = reader(peers, FILE);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, peers.server());
    const refusals: [string, string | null, number, string, string][] = [
      ["Nonsense", "x", -2, "unknown cmd name", "cmd=Nonsense"],
      ["MinProtocol", "TLSv9", 0, "bad value", "cmd=MinProtocol, value=TLSv9"],
      ["Groups", "P-1", 0, "bad value", "cmd=Groups, value=P-1"],
      ["NumTickets", "-1", 0, "bad value", "cmd=NumTickets, value=-1"],
      ["Options", "Nonsense", 0, "bad value", "cmd=Options, value=Nonsense"],
    ];
    for (const [command, value, result, reason, data] of refusals) {
      libssl.ERR_clear_error();
      assertEquals(libssl.SSL_CONF_cmd(cctx, command, value), result, command);
      const words = errorsOf(libssl);
      assertStringIncludes(words, `${reason}: ${data}`);
    }
    assertEquals(libssl.SSL_CONF_cmd(cctx, "MinProtocol", null), -3);
  });

  it("keeps its reasons to itself unless told", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cctx = reader(peers, FILE);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, peers.server());
    const flags = libssl.SSL_CONF_CTX_clear_flags(
      cctx,
      SSL_CONF_FLAG_SHOW_ERRORS,
    );
    assertEquals(flags, FILE & ~SSL_CONF_FLAG_SHOW_ERRORS);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "MinProtocol", "TLSv9"), 0);
    assertEquals(errorsOf(libssl), "");
  });

  it("takes names with a prefix, and no others", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cctx = reader(peers, FILE);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, peers.server());
    assertEquals(libssl.SSL_CONF_CTX_set1_prefix(cctx, "Tls"), 1);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "TlsGroups", "P-256"), 2);
    assertEquals(libssl.SSL_CONF_cmd(cctx, "Groups", "P-256"), -2);
  });

  it("can't read files: there are none in the module", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cctx = reader(peers, FILE | SSL_CONF_FLAG_CERTIFICATE);
    libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, peers.server());
    assertEquals(libssl.SSL_CONF_cmd(cctx, "Certificate", "/tmp/x.pem"), 0);
    libssl.ERR_clear_error();
  });

  /** Takes the errors out of the queue: reasons with their data. */
  function errorsOf(libssl: Libssl): string {
    const lines: string[] = [];
    for (
      let error = libssl.ERR_get_error_all();
      error;
      error = libssl.ERR_get_error_all()
    ) {
      lines.push(`${error.reason}: ${error.data}`);
    }
    return lines.join("\n");
  }
});

describe("SSL_CONF_cmd_value_type", () => {
  it("tells what sort of value a command takes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const typeOf = (flags: number, name: string): number => {
      const cctx = reader(peers, flags);
      libssl.SSL_CONF_CTX_set_ssl_ctx(cctx, ctx);
      return libssl.SSL_CONF_cmd_value_type(cctx, name);
    };
    const file = FILE | SSL_CONF_FLAG_CERTIFICATE;
    assertEquals(typeOf(file, "Groups"), SSL_CONF_TYPE_STRING);
    assertEquals(typeOf(file, "Certificate"), SSL_CONF_TYPE_FILE);
    assertEquals(typeOf(file, "Nonsense"), SSL_CONF_TYPE_UNKNOWN);
    const line = SSL_CONF_FLAG_CMDLINE | SSL_CONF_FLAG_SERVER;
    assertEquals(typeOf(line, "-no_ticket"), SSL_CONF_TYPE_NONE);
  });
});
