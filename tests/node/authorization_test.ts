/** Certificates of servers and clients, ends of connections, and errors. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION } from "../../src/libssl/constants.ts";
import tls, { type TLSSocket } from "../../src/node/mod.ts";
import { socketInternals } from "../../src/node/socket/internals.ts";
import { assertCode } from "../support/assert_code.ts";
import {
  errorOf,
  meet,
  part,
  PKI,
  serverOf,
  toldOf,
} from "../support/node_tls.ts";

describe("certificates of node:tls", () => {
  it("authorizes a server by its certificate", async () => {
    const met = await meet(serverOf());
    assertEquals(met.client.authorized, true);
    assertEquals(met.client.authorizationError, null);
    const peer = met.client.getPeerCertificate(true);
    assertEquals(peer?.subject.CN, "localhost");
    assert(peer?.issuerCertificate?.ca);
    assertEquals(
      met.client.getPeerX509Certificate()?.subject,
      "CN=localhost",
    );
    await part(met);
  });

  const refused = [
    [PKI.expired, "CERT_HAS_EXPIRED"],
    [PKI.notYetValid, "CERT_NOT_YET_VALID"],
    [PKI.wrongHost, "ERR_TLS_CERT_ALTNAME_INVALID"],
    [PKI.issue({ issuer: "self" }), "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ] as const;
  for (const [certificate, code] of refused) {
    it(`refuses a server by ${code}`, async () => {
      assertEquals((await errorOf(serverOf(certificate))).code, code);
    });

    it(`goes on without rejectUnauthorized: ${code}`, async () => {
      const met = await meet(serverOf(certificate), {
        rejectUnauthorized: false,
      });
      assertEquals(met.client.authorized, false);
      const { authorizationError } = met.client;
      assertEquals(
        (authorizationError as { code?: string }).code ?? authorizationError,
        code,
      );
      await part(met);
    });
  }

  it("refuses what checkServerIdentity refuses, with its error", async () => {
    const failure = new Error("not you");
    const error = await errorOf(serverOf(), {
      checkServerIdentity: () => failure,
    });
    assertEquals(error, failure);
  });

  it("authorizes a client by its certificate", async () => {
    const server = serverOf({ requestCert: true, ca: PKI.ca.cert });
    const met = await meet(server, PKI.client);
    assertEquals(met.server.authorized, true);
    assertEquals(met.server.getPeerCertificate()?.subject.CN, "client");
    await part(met);
  });

  it("authorizes a client by the default certificates, by a context of a name too", async () => {
    using _ = trusted(PKI.ca.cert);
    for (const servername of ["localhost", "other.test"]) {
      const server = serverOf({ requestCert: true });
      server.addContext("other.test", PKI.server);
      const checkServerIdentity = (): undefined => undefined;
      const options = { ...PKI.client, servername, checkServerIdentity };
      const met = await meet(server, options);
      assertEquals(met.server.authorized, true, servername);
      await part(met);
    }
  });

  it("authorizes a client by them that is asked in a renegotiation", async () => {
    using _ = trusted(PKI.ca.cert);
    const secureOptions = Number(SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
    const server = serverOf({ maxVersion: "TLSv1.2", secureOptions });
    const met = await meet(server, PKI.client);
    const options = { requestCert: true, rejectUnauthorized: true };
    await new Promise((resolve) => met.server.renegotiate(options, resolve));
    assertEquals(met.server.authorized, true);
    await part(met);
  });

  it("authorizes a client by them at a socket that was given another certificate", async () => {
    using _ = trusted(PKI.ca.cert);
    const secureContext = tls.createSecureContext(PKI.server);
    const [ours, theirs] = duplexPair();
    const options = { isServer: true, requestCert: true, secureContext };
    const socket = new tls.TLSSocket(theirs, options);
    socket.setKeyCert(PKI.server);
    const client = tls.connect({
      ...PKI.client,
      socket: ours,
      ca: PKI.ca.cert,
      servername: "localhost",
    });
    await Promise.all([once(socket, "secure"), once(client, "secureConnect")]);
    assertEquals(socketInternals.get(socket).verifyError(), null);
    await part({ client, server: socket });
  });

  it("refuses a client without a certificate", async () => {
    const server = serverOf({ requestCert: true, ca: PKI.ca.cert });
    assertEquals(
      (await toldOf(server)).code,
      "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
    );
  });

  it("goes on without rejectUnauthorized, and says why the client isn't authorized", async () => {
    const server = serverOf({
      requestCert: true,
      rejectUnauthorized: false,
      ca: PKI.ca.cert,
    });
    const met = await meet(server);
    assertEquals(met.server.authorized, false);
    assertEquals(
      met.server.authorizationError,
      "UNABLE_TO_GET_ISSUER_CERT",
    );
    assertEquals<object>(met.server.getPeerCertificate(), {});
    await part(met);
  });

  it("says what was negotiated", async () => {
    const met = await meet(serverOf({ maxVersion: "TLSv1.2" }), {
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
    });
    for (const socket of [met.client, met.server]) {
      assertEquals(socket.getProtocol(), "TLSv1.2");
      assertEquals(socket.getCipher(), {
        name: "ECDHE-ECDSA-AES128-GCM-SHA256",
        standardName: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        version: "TLSv1.2",
      });
      assertEquals(socket.encrypted, true);
    }
    assertEquals(
      met.client.exportKeyingMaterial(16, "label"),
      met.server.exportKeyingMaterial(16, "label"),
    );
    assertEquals(met.client.getFinished(), met.server.getPeerFinished());
    await part(met);
  });

  it("tells of keys", async () => {
    const server = serverOf();
    const lines: string[] = [];
    server.on("keylog", (line: Buffer) => lines.push(line.toString()));
    await part(await meet(server));
    assertMatch(lines[0] ?? "", /^SERVER_HANDSHAKE_TRAFFIC_SECRET \w+ \w+\n$/);
  });
});

describe("ends of connections of node:tls", () => {
  it("ends both directions", async () => {
    const met = await meet(serverOf());
    const heard: Buffer[] = [];
    met.server.on("data", (data: Buffer) => heard.push(data)).on(
      "end",
      () => met.server.end("bye"),
    );
    met.client.end("hello");
    const [bye] = await once(met.client, "data");
    await Promise.all(
      [met.client, met.server].map((socket) =>
        socket.closed || once(socket, "close")
      ),
    );
    assertEquals(String(Buffer.concat(heard)), "hello");
    assertEquals(String(bye), "bye");
  });

  it("fails a client whose transport ends before it is secure", async () => {
    const [ours, theirs] = duplexPair();
    const client = tls.connect({ socket: ours });
    theirs.resume().end();
    const [error] = await once(client, "error");
    assertEquals(error.code, "ECONNRESET");
    assertMatch(error.message, /disconnected before secure TLS connection/);
  });

  it("tells a server of a handshake that takes too long", async () => {
    const server = serverOf({ handshakeTimeout: 5 });
    const [, theirs] = duplexPair();
    const told = once(server, "tlsClientError");
    server.emit("connection", theirs);
    // The time limit doesn't keep the process.
    const kept = setTimeout(() => {}, 10_000);
    assertEquals((await told)[0].code, "ERR_TLS_HANDSHAKE_TIMEOUT");
    clearTimeout(kept);
  });

  it("tells a server of a client that doesn't speak TLS", async () => {
    const server = serverOf();
    const [ours, theirs] = duplexPair();
    const told = once(server, "tlsClientError");
    server.emit("connection", theirs);
    ours.resume().write("GET / HTTP/1.1\r\n\r\n");
    assertEquals((await told)[0].code, "ERR_SSL_HTTP_REQUEST");
  });

  it("tells both ends of versions that don't meet", async () => {
    const server = serverOf({ minVersion: "TLSv1.3" });
    const told = once(server, "tlsClientError");
    const error = await errorOf(server, { maxVersion: "TLSv1.2" });
    assertEquals(error.code, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    assertEquals((await told)[0].code, "ERR_SSL_UNSUPPORTED_PROTOCOL");
  });
});

describe("bad input of node:tls", () => {
  const cases: Record<string, [string, () => unknown]> = {
    "options that are no object": [
      "ERR_INVALID_ARG_TYPE",
      () => tls.createServer("x" as never),
    ],
    "a timeout that is no number": [
      "ERR_INVALID_ARG_TYPE",
      () => serverOf({ handshakeTimeout: "x" as never }),
    ],
    "a version that is none": [
      "ERR_TLS_INVALID_PROTOCOL_VERSION",
      () => serverOf({ minVersion: "TLSv9" }),
    ],
    "a protocol that is none": [
      "ERR_TLS_INVALID_PROTOCOL_METHOD",
      () => tls.createSecureContext({ secureProtocol: "blargh" }),
    ],
    "suites that there aren't": [
      "ERR_SSL_NO_CIPHER_MATCH",
      () => tls.createSecureContext({ ciphers: "nothing" }),
    ],
    "a key of another certificate": [
      "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
      () =>
        tls.createSecureContext({ cert: PKI.server.cert, key: PKI.client.key }),
    ],
    "a certificate that is none": [
      "ERR_OSSL_PEM_NO_START_LINE",
      () => tls.createSecureContext({ cert: "nothing" }),
    ],
    "no options to connect by": [
      "ERR_MISSING_ARGS",
      () => (tls.connect as () => TLSSocket)(),
    ],
  };
  for (const [what, [code, act]] of Object.entries(cases)) {
    it(`refuses ${what}: ${code}`, () => {
      assertCode(act, code);
    });
  }
});

/** Has certificates trusted by default, until it is disposed of. */
function trusted(cert: string): Disposable {
  const before = tls.getCACertificates();
  tls.setDefaultCACertificates([cert]);
  return {
    [Symbol.dispose]: (): void => tls.setDefaultCACertificates(before),
  };
}
