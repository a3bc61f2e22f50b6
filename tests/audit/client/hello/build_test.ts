import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { buildHello } from "../../../../src/audit/client/hello/build.ts";
import { parseHello } from "../../../../src/audit/client/hello/parse.ts";
import { helloEnvironment } from "../../../../src/audit/client/hello_environment.ts";
import type { AuditClient } from "../../../../src/audit/client/audit_client.ts";
import type { VisitOptions } from "../../../../src/audit/client/visit_types.ts";
import type { ResumptionKind } from "../../../../src/audit/finding.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { clientOf, sessionOf } from "../client_of.ts";

const RECORD_HEADER_BYTES = 5;

/** The message that OpenSSL's client begins with. */
function opensslHello(
  client: AuditClient,
  kind: ResumptionKind,
  options: VisitOptions,
): Uint8Array {
  using prepared = helloEnvironment(client.state, kind).prepare(options);
  const { libssl, ssl, toServer } = prepared;
  libssl.SSL_connect(ssl);
  const bytes = new Uint8Array(libssl.BIO_ctrl_pending(toServer));
  libssl.BIO_read(toServer, bytes);
  return bytes.subarray(RECORD_HEADER_BYTES);
}

describe("buildHello", () => {
  for (const kind of ["tls1.2-id", "tls1.2-ticket", "tls1.3"] as const) {
    it(`makes of a parsed hello the same again: ${kind}`, async () => {
      using server = new LibsslServer();
      using client = clientOf(server);
      for (const session of [undefined, await sessionOf(client, kind)]) {
        const options = session ? { session } : {};
        const message = opensslHello(client, kind, options);
        const hello = parseHello(message, session ?? null);
        assertEquals(await buildHello(hello), message);
      }
    });
  }

  it("computes binders as OpenSSL does, with SHA-256 and SHA-384", async () => {
    for (const [suite, bytes] of HASHES) {
      using server = new LibsslServer({
        setUp: (libssl, ctx) =>
          void libssl.SSL_CTX_set_ciphersuites(ctx, suite),
      });
      using client = clientOf(server);
      const session = await sessionOf(client, "tls1.3");
      const message = opensslHello(client, "tls1.3", { session });
      assertEquals(message.at(-bytes - 1), bytes);
      const hello = parseHello(message, session);
      assertEquals(await buildHello(hello), message);
    }
  });

  it("wipes what it makes of a session's key", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    const hello = parseHello(
      opensslHello(client, "tls1.3", { session }),
      session,
    );
    // Keys, data and results of HMAC: the last result is the binder.
    const seen: Uint8Array[] = [];
    const { subtle } = crypto;
    const sign = subtle.sign.bind(subtle);
    subtle.sign = async (algorithm, key, data) => {
      const result = await sign(algorithm, key, data);
      seen.push(data as Uint8Array, new Uint8Array(result));
      return result;
    };
    try {
      await buildHello(hello);
    } finally {
      Reflect.deleteProperty(subtle, "sign");
    }
    assertEquals(seen.length, 8);
    for (const bytes of seen.slice(0, -1)) {
      assert(bytes.every((byte) => byte === 0));
    }
  });

  it("refuses fields that are too long for their lengths", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    const hello = parseHello(opensslHello(client, "tls1.2-id", {}), null);
    hello.sessionId = new Uint8Array(256);
    await assertRejects(
      () => buildHello(hello),
      RangeError,
      "A vector has 255 bytes at most, not 256",
    );
  });
});

describe("parseHello", () => {
  it("refuses what is malformed: cut, or with more bytes", () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    const message = opensslHello(client, "tls1.3", {});
    for (let length = 0; length < message.length; length += 7) {
      assertThrows(
        () => parseHello(message.subarray(0, length), null),
        TypeError,
        "The ClientHello is malformed",
      );
    }
    const longer = Uint8Array.of(...message, 0);
    assertThrows(() => parseHello(longer, null), TypeError);
    message[0] = 2;
    assertThrows(() => parseHello(message, null), TypeError);
  });
});

const HASHES = [
  ["TLS_AES_128_GCM_SHA256", 32],
  ["TLS_AES_256_GCM_SHA384", 48],
] as const;
