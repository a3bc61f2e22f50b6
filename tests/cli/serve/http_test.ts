import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import {
  HeaderReader,
  MAX_HEADER_BYTES,
} from "../../../src/cli/serve/http_request.ts";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { describeWith, run } from "../../support/programs.ts";
import { hearAll, say } from "../../support/sockets.ts";

describe("HeaderReader", () => {
  const GET = { method: "GET", version: "HTTP/1.1" } as const;
  const GOOD = [
    ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", GET],
    ["GET / HTTP/1.0\n\n", { method: "GET", version: "HTTP/1.0" }],
    ["\r\nGET /a?b HTTP/1.1\nHost:a\r\n\n", GET],
    ["HEAD * HTTP/1.0\r\n\r\n", { method: "HEAD", version: "HTTP/1.0" }],
    ["GET /\n", { method: "GET", version: "HTTP/0.9" }],
  ] as const;

  for (const [text, request] of GOOD) {
    it(`reads ${JSON.stringify(text)}, whole or byte by byte`, () => {
      const bytes = new TextEncoder().encode(text);
      assertEquals(new HeaderReader().push(bytes), request);
      const slow = new HeaderReader();
      const last = bytes.length - 1;
      for (let i = 0; i < last; i++) {
        assertEquals(slow.push(bytes.subarray(i, i + 1)), null);
      }
      assertEquals(slow.push(bytes.subarray(last)), request);
    });
  }

  const BAD = [
    ["hello\n", 400],
    ["HEAD /\n", 400],
    ["GET / HTTP/1.1 x\n", 400],
    ["GET / HTTP/1.1\r\nno name\r\n", 400],
    ["GET / HTTP/1.1\r\n folded: x\r\n", 400],
    ["PRI * HTTP/2.0\r\n", 505],
    ["x".repeat(MAX_HEADER_BYTES + 1), 431],
    [`GET / HTTP/1.1\nA: ${"x".repeat(MAX_HEADER_BYTES)}\n\n`, 431],
  ] as const;

  for (const [text, status] of BAD) {
    it(`answers ${status} to ${JSON.stringify(text.slice(0, 30))}`, () => {
      const outcome = new HeaderReader().push(new TextEncoder().encode(text));
      assert(outcome !== null && "status" in outcome);
      assertEquals(outcome.status, status);
    });
  }

  it("takes the longest header there may be", () => {
    const text = "GET / HTTP/1.1\nA: ".padEnd(MAX_HEADER_BYTES - 2, "x");
    const reader = new HeaderReader();
    assertEquals(reader.push(new TextEncoder().encode(`${text}\n\n`)), GET);
  });
});

describe("serve --http", () => {
  it("answers requests of each kind, and ends with close_notify", async () => {
    await using server = await CliServer.start(["--alpn", "http/1.1"]);
    const page = await ask(server, "GET / HTTP/1.0\n\n");
    assert(page.startsWith("HTTP/1.0 200 OK\r\n"), page);
    assertStringIncludes(page, "\r\nConnection: close\r\n");
    for (
      const row of [
        /^Resumption: +full handshake: none-offered$/m,
        /^Protocol: +TLSv1.3$/m,
        /^Cipher: +TLS_/m,
        /^Group: +\w+/m,
        /^ALPN: +http\/1\.1$/m,
        /^Server name: +localhost$/m,
        /^Store: +.*memory/m,
      ]
    ) assert(row.test(page), `${row} in ${page}`);
    const [, length] = /Content-Length: (\d+)\r\n/.exec(page) ?? [];
    const [header = "", body = ""] = page.split("\r\n\r\n");
    assertEquals(body.length, Number(length));

    const head = await ask(server, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert(head.endsWith("\r\n\r\n") && head.startsWith("HTTP/1.1 200 OK"));
    const old = await ask(server, "GET /\n");
    assert(old.startsWith("Sesame "), old);
    assert(!header.startsWith("Sesame"));
    for (
      const [request, status] of [
        ["nonsense\r\n\r\n", "400 Bad Request"],
        ["POST / HTTP/1.1\r\n\r\n", "405 Method Not Allowed"],
        ["x".repeat(20_000), "431 Request Header Fields Too Large"],
      ] as const
    ) {
      const answer = await ask(server, request);
      assert(answer.startsWith(`HTTP/1.1 ${status}\r\n`), answer);
    }
  });

  it("shows a client's certificate, and requires it with --client-auth", async () => {
    const client = createTestCertificate({ hosts: ["client.test"] });
    await using server = await CliServer.start((folder) => {
      const ca = folder.path("ca.pem");
      Deno.writeTextFileSync(ca, client.cert);
      return ["--client-auth", "require", "--ca", ca, "--log"];
    });
    const page = await ask(server, "GET / HTTP/1.0\n\n", client);
    assert(/^Client certificate: +CN=client\.test$/m.test(page), page);
    let failure: unknown;
    try {
      await ask(server, "GET / HTTP/1.0\n\n");
    } catch (error) {
      failure = error;
    }
    assertStringIncludes(String(failure), "certificate required");
    await server.printed("peer did not return a certificate");
  });
});

describeWith("curl", "serve --http and curl", () => {
  for (const version of ["1.2", "1.3"]) {
    it(`over TLS ${version}`, async () => {
      await using server = await CliServer.start(["--tag", "sni"]);
      const speak = [`--tlsv${version}`, "--tls-max", version];
      const { code, stdout, stderr } = await run("curl", [
        "-q",
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        "--resolve",
        `localhost:${server.port}:127.0.0.1`,
        "--cacert",
        server.folder.certificate,
        ...speak,
        `https://localhost:${server.port}/`,
      ]);
      assertEquals(code, 0, stderr);
      assert(new RegExp(`^Protocol: +TLSv${version}$`, "m").test(stdout));
    });
  }
});

/** Says something to a server: all that it answers, up to its close_notify. */
async function ask(
  { port }: CliServer,
  request: string,
  identity: { cert?: string; key?: string } = {},
): Promise<string> {
  await using socket = await connectTls({
    hostname: "localhost",
    port,
    caCerts: [certificate.cert],
    alpnProtocols: ["http/1.1"],
    ...identity,
  });
  // A server that refuses the client's certificate says so to those who read.
  const [, answer] = await Promise.all([
    say(socket, request).catch(() => {}),
    hearAll(socket),
  ]);
  return new TextDecoder().decode(answer);
}
