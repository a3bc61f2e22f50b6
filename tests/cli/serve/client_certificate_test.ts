/**
 * Client certificates of `serve` and `connect`: after the handshake, and up to a size.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestPki } from "@sesame/tls/testing";
import { assertMisuse, CliServer, runCli } from "../../support/cli.ts";
import type { Folder } from "../../support/temp_folder.ts";
import { describeWith, type Output, run } from "../../support/programs.ts";

const pki = createTestPki();
const CLIENT = /^Client certificate: .*CN=/m;

describe("serve --post-handshake-auth", () => {
  it("requires a certificate after the handshake", async () => {
    await using server = await start("require");
    const shown = await get(server, ...identity(server));
    assertEquals(shown.code, 0, shown.stderr);
    assertMatch(shown.stdout, CLIENT);

    // A client that can't be asked, one that has no certificate, and TLS 1.2.
    const unable = await get(server, ...identity(server, []));
    assertStringIncludes(unable.stderr, "error: ");
    const without = await get(server, "--post-handshake-auth");
    assertEquals(without.code, 1);
    assertStringIncludes(without.stderr, "certificate required");
    const old = await get(server, "--max-version", "1.2");
    assertStringIncludes(old.stderr, "error: ");
  });

  it("requests a certificate, and serves clients without one", async () => {
    await using server = await start("request");
    assertMatch((await get(server, ...identity(server))).stdout, CLIENT);
    for (const args of [["--post-handshake-auth"], ["--max-version", "1.2"]]) {
      const { code, stdout, stderr } = await get(server, ...args);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^Client certificate: +-$/m);
    }
  });

  it("keeps the certificate in the sessions that follow", async () => {
    await using server = await start("require");
    const { stdout, stderr } = await get(
      server,
      ...[...identity(server), "--resume", "1"],
    );
    assertEquals(stdout.match(new RegExp(CLIENT, "gm"))?.length, 2, stderr);
    assertMatch(stderr, /^1: .*resumed$/m);
  });

  it("needs --client-auth, and that needs --ca", async () => {
    const args = ["serve", "--post-handshake-auth"];
    await assertMisuse(args, "needs --client-auth request or require");
    await assertMisuse([...args, "--client-auth", "request"], "needs --ca");
  });
});

describeWith("openssl", "serve --post-handshake-auth, and openssl", () => {
  it("accepts the certificate of s_client -enable_pha", async () => {
    await using server = await start("require");
    const { folder, port } = server;
    const { stdout } = await run("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-enable_pha"],
      ...["-cert", folder.path("me.pem"), "-key", folder.path("me.key")],
      ...["-cert_chain", folder.path("me.pem"), "-quiet", "-ign_eof"],
    ], "GET / HTTP/1.0\r\n\r\n");
    assertMatch(stdout, CLIENT);
  });
});

describe("--max-cert-list", () => {
  it("limits the certificates of a server", async () => {
    await using server = await start("request");
    const refused = await get(server, "--max-cert-list", "100");
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "excessive message size");
    assertEquals((await get(server, "--max-cert-list", "10000")).code, 0);
  });

  it("limits the certificates of clients", async () => {
    await using server = await CliServer.start((folder) => [
      ...["--client-auth", "require", "--ca", written(folder)],
      ...["--max-cert-list", "100", "--log"],
    ]);
    await get(server, ...identity(server, []));
    assertStringIncludes(
      await server.printed("excessive message size"),
      "127.0.0.1:",
    );
  });

  it("must be in its range", async () => {
    for (const size of ["0", "16777216"]) {
      await assertMisuse(["serve", "--max-cert-list", size], "--max-cert-list");
    }
  });
});

/** A server of a page that asks for certificates after the handshake. */
function start(policy: "request" | "require"): Promise<CliServer> {
  return CliServer.start((folder) => [
    ...["--client-auth", policy, "--post-handshake-auth"],
    ...["--ca", written(folder)],
  ]);
}

/** The options of a client with a certificate. */
function identity(
  { folder }: CliServer,
  flags = ["--post-handshake-auth"],
): string[] {
  return [
    ...["--cert", folder.path("me.pem"), "--key", folder.path("me.key")],
    ...flags,
  ];
}

/** Gets the page. */
function get({ folder, port }: CliServer, ...args: string[]): Promise<Output> {
  return runCli([
    ...["connect", `127.0.0.1:${port}`, "--ca", folder.certificate],
    ...["--http", "/", ...args],
  ]);
}

/** Writes a client's certificate and key: the path of its authority's certificate. */
function written(folder: Folder): string {
  Deno.writeTextFileSync(folder.path("me.pem"), pki.client.cert);
  Deno.writeTextFileSync(folder.path("me.key"), pki.client.key);
  Deno.writeTextFileSync(folder.path("ca.pem"), pki.ca.cert);
  return folder.path("ca.pem");
}
