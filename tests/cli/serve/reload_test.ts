import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { hear, say } from "../../support/sockets.ts";

const other = createTestCertificate({ hosts: ["other.test", "127.0.0.1"] });

/** Connects if the server shows this certificate. */
async function assertShows(server: CliServer, cert: string): Promise<void> {
  await using socket = await connectTls({
    hostname: "127.0.0.1",
    port: server.port,
    caCerts: [cert],
  });
  await say(socket, "x");
  assertEquals(await hear(socket), "x");
}

describe("serve, at SIGHUP", { ignore: Deno.build.os === "windows" }, () => {
  for (const workers of Deno.build.os === "linux" ? ["1", "2"] : ["1"]) {
    it(`reads its files anew, with ${workers} workers`, async () => {
      await using server = await CliServer.start([
        ...["--echo", "--workers", workers],
      ]);
      const { folder } = server;
      await using before = await connectTls({
        hostname: "127.0.0.1",
        port: server.port,
        caCerts: [certificate.cert],
      });
      await Deno.writeTextFile(folder.certificate, other.cert);
      server.signal("SIGHUP");
      // The key is still that of the other certificate.
      await server.printed("nothing was changed");
      await assertShows(server, certificate.cert);

      await Deno.writeTextFile(folder.key, other.key);
      server.signal("SIGHUP");
      await server.printed("the files were reloaded");
      await assertShows(server, other.cert);
      await say(before, "y");
      assertEquals(await hear(before), "y");
    });
  }

  it("reloads files also with options that can't be updated", async () => {
    await using server = await CliServer.start((folder) => [
      ...["--echo", "--client-auth", "request", "--ca", folder.certificate],
      ...["--no-ca-names", "--max-cert-list", "50000"],
    ]);
    await Deno.writeTextFile(server.folder.certificate, other.cert);
    await Deno.writeTextFile(server.folder.key, other.key);
    server.signal("SIGHUP");
    await server.printed("the files were reloaded");
    await assertShows(server, other.cert);
  });
});
