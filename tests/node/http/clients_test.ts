/** Programs that read from `serveTls`: curl, Chromium and a tool that makes load. */
import { createHash, X509Certificate } from "node:crypto";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { removeProfile } from "../../runtimes/browser/visit.ts";
import { HttpsSite } from "../../support/https_site.ts";
import { PKI } from "../../support/node_tls.ts";
import { describeWith, run, start } from "../../support/programs.ts";
import { Folder } from "../../support/temp_folder.ts";

describeWith("curl", "curl reads from serveTls", () => {
  for (
    const [flag, protocol] of [["--http1.1", "http/1.1"], ["--http2", "h2"]]
  ) {
    it(`over ${protocol}, until the server has shut down`, async () => {
      await using folder = await Folder.make();
      const ca = folder.path("ca.pem");
      await Deno.writeTextFile(ca, PKI.ca.cert);
      const asked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<void>();
      await using site = await HttpsSite.start(async (_, { socket }) => {
        asked.resolve();
        await answer.promise;
        return new Response(String(socket.alpnProtocol));
      });
      const reading = run("curl", [
        ...["-q", "--silent", "--show-error", "--noproxy", "*", `${flag}`],
        ...["--cacert", ca, `https://localhost:${site.port}/`],
      ]);
      await asked.promise;
      const shut = site.server.shutdown();
      answer.resolve();
      const { code, stdout, stderr } = await reading;
      assertEquals([code, stdout], [0, protocol], stderr);
      await shut;
    });
  }
});

/**
 * Fetches on a connection each, and tells what the server has said: if connecting takes its time,
 * Chromium begins with two connections.
 */
const PAGE = `<script type="module">
const answers = [];
for (const path of ["/1", "/2", "/3"]) answers.push(await (await fetch(path)).text());
await fetch("/told", { method: "POST", body: answers.join() });
</script>`;

describeWith("chromium", "Chromium reads from serveTls", () => {
  it("and resumes the session of its first connection", async () => {
    await using stack = new globalThis.AsyncDisposableStack();
    const profile = await Deno.makeTempDir({ prefix: "sesame-" });
    stack.defer(() => removeProfile(profile));
    const told = Promise.withResolvers<string>();
    await using site = await HttpsSite.start(
      async (request, { socket }) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/told") told.resolve(await request.text());
        return pathname === "/"
          ? new Response(PAGE, { headers: { "content-type": "text/html" } })
          : new Response(String(socket.isSessionReused()), {
            headers: { connection: "close" },
          });
      },
      { sessions: new MemorySessionStore(), ALPNProtocols: ["http/1.1"] },
    );
    await using browser = start("chromium", [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update"],
      `--user-data-dir=${profile}`,
      `--ignore-certificate-errors-spki-list=${keyHash(PKI.server.cert)}`,
      `https://localhost:${site.port}/`,
    ]);
    const ended = browser.status.then(async () => {
      throw new Error(`It told nothing: ${await browser.stderr}`);
    });
    assertMatch(await Promise.race([told.promise, ended]), /,true$/);
    ended.catch(() => {});
  });
});

describeWith("ab", "ab reads from serveTls", () => {
  it("without a failure", async () => {
    await using site = await HttpsSite.start(() => new Response("sesame"));
    const { code, stdout, stderr } = await run("ab", [
      ...["-n", "100", "-c", "4", "-k", "-q"],
      `https://127.0.0.1:${site.port}/`,
    ]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /Complete requests: +100\nFailed requests: +0\n/);
    assert(!stdout.includes("Non-2xx"));
  });
});

/** The hash of a certificate's key, as Chromium takes it. */
function keyHash(pem: string): string {
  const key = new X509Certificate(pem).publicKey
    .export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
