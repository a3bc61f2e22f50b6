/** Servers that the first hello of OpenSSL's client doesn't suit. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "@sesame/tls";
import {
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { KEY_SHARE } from "../../src/audit/client/hello/codes.ts";
import { findingsOf } from "./findings_of.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
} from "./wrong/libssl_server.ts";

/** What the survey found. */
async function surveyOf(server: LibsslServer): Promise<unknown[]> {
  const [kinds] = await findingsOf(server, "behaviour/kinds");
  const { resumed, otherGroups } = kinds?.facts ?? {};
  return [resumed, otherGroups];
}

/** Key shares with a post-quantum group are larger. */
const LARGE = 500;

const refusingLarge: LibsslServerOptions["setUp"] = (libssl, ctx) =>
  void libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
    const shares = libssl.SSL_client_hello_get0_ext(ssl, KEY_SHARE);
    return (shares?.length ?? 0) > LARGE
      ? SSL_CLIENT_HELLO_ERROR
      : SSL_CLIENT_HELLO_SUCCESS;
  });

describe("A survey", () => {
  it("goes on without post-quantum groups where a server can't take their hellos", async () => {
    using server = new LibsslServer({ setUp: refusingLarge });
    assertEquals(await surveyOf(server), [
      ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
      true,
    ]);
    const findings = await findingsOf(server, "robustness/post-quantum");
    assertEquals(findings.map(({ verdict }) => verdict), ["warn"]);
  });

  for (
    const [groups, version] of [
      ["brainpoolP256r1tls13", TLS1_3_VERSION],
      ["brainpoolP384r1", TLS1_2_VERSION],
    ] as const
  ) {
    it(`reaches a server that has ${groups} alone`, async () => {
      using server = new LibsslServer({
        setUp: (libssl, ctx) => {
          libssl.SSL_CTX_set_min_proto_version(ctx, version);
          libssl.SSL_CTX_set_max_proto_version(ctx, version);
          libssl.SSL_CTX_set1_groups_list(ctx, groups);
        },
      });
      const [resumed, otherGroups] = await surveyOf(server);
      assert(Array.isArray(resumed) && resumed.length > 0);
      assertEquals(otherGroups, true);
    });
  }

  it("keeps to OpenSSL's groups elsewhere", async () => {
    using server = new LibsslServer();
    assertEquals((await surveyOf(server))[1], false);
  });

  it("says what a server wants that completes no handshake", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        libssl.SSL_CTX_set_tlsext_servername_callback(
          ctx,
          () => SSL_TLSEXT_ERR_ALERT_FATAL,
        ),
    });
    const error = await assertRejects(() => surveyOf(server), TlsError);
    assertMatch(error.message, /the option names gives another name/);
  });
});
