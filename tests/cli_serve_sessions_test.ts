import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls } from "@sesame/tls";
import { CliServer } from "./support/cli.ts";
import { certificate } from "./support/engines.ts";
import { Folder } from "./support/folder.ts";
import { describeWith, run } from "./support/programs.ts";
import { hearAll, say } from "./support/sockets.ts";

describeWith("openssl", "serve and sessions", () => {
  for (const version of ["1_2", "1_3"]) {
    it(`resumes at one process what another stored, TLS ${version}`, async () => {
      await using shared = await Folder.make();
      const store = ["--store", `sqlite:${shared.path("sessions.db")}`];
      const session = shared.path("session.pem");
      const patience = ["--lookup-timeout", "10000"];
      await using one = await CliServer.start(store);
      await using two = await CliServer.start([...store, ...patience]);
      const first = await visit(one, [`-tls${version}`, "-sess_out", session]);
      assert(/^Resumption: +full handshake: none-offered$/m.test(first), first);
      const second = await visit(two, [`-tls${version}`, "-sess_in", session]);
      assert(/^Resumption: +resumed from the store$/m.test(second), second);
      assert(/^Store: +sqlite:/m.test(second), second);
    });
  }

  it("has the number of tickets and the cipher suite that it's told", async () => {
    await using server = await CliServer.start([
      ...["--num-tickets", "3"],
      ...["--config", "Ciphersuites=TLS_AES_128_CCM_SHA256"],
      ...["--config", "Groups=P-256"],
    ]);
    const ccm = ["-ciphersuites", "TLS_AES_128_CCM_SHA256"];
    const said = await visit(server, ["-tls1_3", ...ccm]);
    assert(/^Cipher: +TLS_AES_128_CCM_SHA256$/m.test(said), said);
    assert(/^Group: +(secp256r1|P-256)$/m.test(said), said);
    assertEquals(said.match(/Post-Handshake New Session Ticket/g)?.length, 3);
  });

  it("resumes nothing without tickets, and says so", async () => {
    await using shared = await Folder.make();
    const session = shared.path("session.pem");
    await using giver = await CliServer.start([]);
    await using server = await CliServer.start(["--tickets", "off"]);
    await visit(giver, ["-tls1_3", "-sess_out", session]);
    const said = await visit(server, ["-tls1_3", "-sess_in", session]);
    assert(/^Resumption: +full handshake: disabled$/m.test(said), said);
  });
});

describe("serve with files", () => {
  it("writes keys to a log that only its owner reads, and warns of it", async () => {
    await using server = await CliServer.start((folder) => [
      "--keylog",
      folder.path("keys"),
      "--log",
      "--echo",
    ]);
    const socket = await connectTls({
      hostname: "localhost",
      port: server.port,
      caCerts: [certificate.cert],
    });
    await say(socket, "x");
    await socket.writable.close();
    await hearAll(socket);
    const line = await server.printed(" TLSv1.3 ");
    assert(
      /^\S+Z 127\.0\.0\.1:\d+: TLSv1\.3 TLS_\w+ sni=localhost alpn=- handshake=[\d.]+ms total=[\d.]+ms full handshake: none-offered$/
        .test(line),
      line,
    );
    assertStringIncludes(await server.printed("Warning"), "decrypt");
    const path = server.folder.path("keys");
    const keys = await Deno.readTextFile(path);
    assert(/^CLIENT_TRAFFIC_SECRET_0 /m.test(keys));
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  });

  it("takes early data once", async () => {
    const { OpenSSL, TlsContext } = await import("@sesame/tls");
    const { MemorySessionStore } = await import("@sesame/tls/stores/memory");
    await using server = await CliServer.start([
      ...["--echo", "--single-use", "--max-early-data", "1000"],
      ...["--lookup-timeout", "10000"],
    ]);
    using context = new TlsContext({
      caCerts: [certificate.cert],
      openssl: new OpenSSL(),
    });
    const sessions = new MemorySessionStore();
    const target = {
      hostname: "localhost",
      port: server.port,
      context,
      sessions,
    };
    await using first = await connectTls(target);
    await first.writable.close();
    await hearAll(first);
    await using second = await connectTls({
      ...target,
      earlyData: new TextEncoder().encode("early, "),
    });
    assertEquals(second.info?.earlyData, "accepted");
    await say(second, "late");
    await second.writable.close();
    const heard = new TextDecoder().decode(await hearAll(second));
    assertEquals(heard, "early, late");
  });
});

/** Has OpenSSL's client ask for the page: what it printed. */
async function visit(server: CliServer, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("openssl", [
    "s_client",
    "-ign_eof",
    "-connect",
    `127.0.0.1:${server.port}`,
    "-servername",
    "localhost",
    "-CAfile",
    server.folder.certificate,
    ...args,
  ], "GET / HTTP/1.0\r\n\r\n");
  assertEquals(code, 0, stderr);
  return stdout;
}
