import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TLS1_2_VERSION, TLS1_3_VERSION } from "../../../src/libssl/mod.ts";
import { keepSessions } from "../wrong/kept_sessions.ts";
import { LibsslServer } from "../wrong/libssl_server.ts";
import { linesOf } from "./behaviour/servers.ts";

/** A server of one version that resumes nothing at some of its look-ups, counted from 1. */
function serverDenying(
  denied: readonly number[],
  version = TLS1_2_VERSION,
): LibsslServer {
  let count = 0;
  return new LibsslServer({
    setUp: (libssl, ctx) => {
      libssl.SSL_CTX_set_min_proto_version(ctx, version);
      libssl.SSL_CTX_set_max_proto_version(ctx, version);
      keepSessions(libssl, ctx, {
        found: (der) => denied.includes(++count) ? null : der,
      });
    },
  });
}

/** What a probe finds that does a trial, after the survey's three look-ups. */
async function foundAt(
  server: LibsslServer,
  probe = "behaviour/clean-close",
  nodes: readonly string[] = ["one"],
): Promise<string | undefined> {
  const lines = await linesOf(server, probe, { nodes });
  return lines.find((line) => !line.includes(" speak "));
}

describe("A trial", () => {
  it("believes a refusal that happens twice between controls", async () => {
    using server = serverDenying([4, 6]);
    assertEquals(
      await foundAt(server),
      "tls1.2-id warn (low): A session isn't resumed after a clean close",
    );
  });

  it("is inconclusive if a control isn't resumed either", async () => {
    for (const denied of [[4, 5], [4, 6, 7]]) {
      using server = serverDenying(denied);
      assertEquals(
        await foundAt(server),
        "tls1.2-id inconclusive: A session that was offered unchanged wasn't resumed either",
      );
    }
  });

  it("is inconclusive if it happens once", async () => {
    using server = serverDenying([4]);
    assertEquals(
      await foundAt(server),
      "tls1.2-id inconclusive: Done twice, it led to different results: full handshake, then resumed",
    );
  });
});

describe("A server that stops to resume", () => {
  const never = Array.from({ length: 20 }, (_, i) => i + 6);

  it("isn't taken for one that resumes once", async () => {
    using server = serverDenying(never);
    assertEquals(
      await foundAt(server, "behaviour/reuse"),
      "tls1.2-id inconclusive: A session that was offered unchanged wasn't resumed either",
    );
  });

  it("isn't taken for one that refuses something", async () => {
    for (
      const [probe, version] of [
        ["extended-master-secret-dropped", TLS1_2_VERSION],
        ["extended-master-secret-added", TLS1_2_VERSION],
        ["psk-without-dhe", TLS1_3_VERSION],
        ["psk-without-modes", TLS1_3_VERSION],
      ] as const
    ) {
      using server = serverDenying([4, 5, ...never], version);
      assertMatch(
        await foundAt(server, `behaviour/${probe}`) ?? "",
        /inconclusive: A session that was offered unchanged wasn't resumed/,
      );
    }
  });

  it("isn't taken for nodes that don't share", async () => {
    using server = serverDenying([4, 5, ...never]);
    assertEquals(
      await foundAt(server, "behaviour/nodes", ["one", "two"]),
      "tls1.2-id not applicable: No node resumes its own sessions of this kind",
    );
  });
});
