/**
 * `audit`, run as its users run it, on our listeners.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createPrivateKey } from "node:crypto";
import type { AuditJson } from "@sesame/tls/audit";
import { createTestCertificate } from "@sesame/tls/testing";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { balance } from "../support/balancer.ts";
import { assertMisuse, runCli, startCli } from "../support/cli.ts";
import { CLOSED_PORT, serve } from "../support/listeners.ts";
import { Folder } from "../support/temp_folder.ts";
import type { Output } from "../support/programs.ts";
import { listenTls, type TlsListener } from "@sesame/tls";

const PROBE = ["--probes", "behaviour/kinds"];

const addressOf = ({ addr }: TlsListener): string => `127.0.0.1:${addr.port}`;

const audit = (...args: string[]): Promise<Output> =>
  runCli(["audit", ...args]);

const sumOf = (counts: number[]): number =>
  counts.reduce((sum, count) => sum + count, 0);

describe("audit", () => {
  it("prints a table on standard output, and progress on standard error", async () => {
    using listener = serve({ sessions: new MemorySessionStore() });
    const server = addressOf(listener);
    const { code, stdout, stderr } = await audit(server, ...PROBE);
    assertEquals(code, 0, stderr);
    const [head, counts] = stdout.split("\n");
    assertEquals(head, server);
    assertStringIncludes(counts ?? "", "1 pass; ");
    assertStringIncludes(stdout, "  behaviour/kinds: ");
    assertMatch(stderr, /^Auditing 127.0.0.1:\d+: at most \d+ connections\n$/);
    assertEquals((await audit(server, ...PROBE, "--quiet")).stderr, "");
  });

  it("audits several servers, and says which wasn't there", async () => {
    using listener = serve();
    const absent = `127.0.0.1:${CLOSED_PORT}`;
    const { code, stdout } = await audit(absent, addressOf(listener), ...PROBE);
    assertEquals(code, 2);
    assertStringIncludes(stdout, `${absent}\nNot audited: `);
    assertStringIncludes(stdout, `\n\n${addressOf(listener)}\n`);
  });

  it("audits several servers at the same time, unless --jobs says otherwise", async () => {
    assertEquals(await areAuditedTogether(), true);
    assertEquals(await areAuditedTogether("--jobs", "1"), false);
  });

  it("takes IPv6 addresses", async () => {
    const { code, stdout } = await audit(`[::1]:${CLOSED_PORT}`, ...PROBE);
    assertEquals(code, 2);
    assertStringIncludes(stdout, `[::1]:${CLOSED_PORT}\nNot audited: `);
  });

  it("has the exit code that --fail-on asks for", async () => {
    // It resumes nothing, which deserves a warning.
    using listener = serve({ tickets: "off" });
    const codes: [string, number][] = [];
    for (const level of ["fail", "warn", "never"]) {
      const { code } = await audit(
        addressOf(listener),
        ...PROBE,
        ...["--fail-on", level],
      );
      codes.push([level, code]);
    }
    assertEquals(codes, [["fail", 0], ["warn", 1], ["never", 0]]);
  });

  it("writes JSON, a page and JUnit's XML to files", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const files = ["json", "html", "junit"].map((name) => folder.path(name));
    const [json = "", html = "", junit = ""] = files;
    const { code, stdout } = await audit(
      addressOf(listener),
      ...PROBE,
      ...["--json", json, "--html", html, "--junit", junit],
    );
    assertEquals(code, 0);
    assertStringIncludes(stdout, "behaviour/kinds");
    const written: AuditJson = JSON.parse(await Deno.readTextFile(json));
    assertEquals(written.servers[0]?.server, addressOf(listener));
    assertStringIncludes(await Deno.readTextFile(html), "<!doctype html>");
    assertStringIncludes(await Deno.readTextFile(junit), "<testsuites");
  });

  it("prints JSON in place of the table", async () => {
    using listener = serve();
    const { stdout } = await audit(addressOf(listener), ...PROBE, "--json");
    const { format, servers }: AuditJson = JSON.parse(stdout);
    assertEquals(format, "sesame-audit");
    assertEquals(servers[0]?.findings[0]?.probe, "behaviour/kinds");
    assertEquals(stdout.trimEnd().split("\n").length, 1);
  });

  it("plans without a connection", async () => {
    const server = `127.0.0.1:${CLOSED_PORT}`;
    const { code, stdout } = await audit(server, "--plan", ...PROBE);
    assertEquals(code, 0);
    const [head = "", ...rows] = stdout.trimEnd().split("\n");
    assert(head.startsWith(`${server}: at most `));
    assert(head.endsWith(` connections to ${server}`));
    const counts = rows.map((row) => Number(row.split(/ +/).at(-1)));
    assertEquals(counts.length, 2);
    assertEquals(sumOf(counts), Number(/\d+(?= connections)/.exec(head)));
  });

  it("lists the probes, and explains one, a family, and what was probably meant", async () => {
    const { stdout: list } = await audit("--list");
    const lines = list.trimEnd().split("\n");
    assert(lines.some((line) => /^behaviour\/kinds +\S/.test(line)));
    const { stdout: one } = await audit("--explain", "behaviour/kinds");
    for (const part of ["Sends  ", "Expects  ", "Why  ", "To do  ", "See  "]) {
      assertStringIncludes(one, `\n  ${part}`);
    }
    assertEquals(one.split("\n").filter((line) => line.length > 80), []);
    const { stdout: family } = await audit("--explain", "behaviour");
    assert(family.startsWith(one.trimEnd()));
    await assertMisuse(
      ["audit", "--explain", "kinds"],
      "--explain must be the id of a probe",
      "did you mean behaviour/kinds?",
    );
  });

  it("sends what it is told to, and shows a client certificate with an encrypted key", async () => {
    await using folder = await Folder.make();
    const { cert, key } = createTestCertificate();
    const passphrase = "open sesame";
    const encrypted = createPrivateKey(key).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase,
    });
    await Deno.writeTextFile(folder.path("client.pem"), cert);
    await Deno.writeTextFile(folder.path("client.key"), String(encrypted));
    await Deno.writeTextFile(folder.path("passphrase"), passphrase);
    const heard: string[] = [];
    using listener = listenTls({
      hostname: "127.0.0.1",
      port: 0,
      ...createTestCertificate(),
      clientAuth: "require",
      caCerts: [cert],
    });
    (async () => {
      for await (const socket of listener) {
        const bytes = new Uint8Array(100);
        socket.read(bytes).then((length) => {
          const said = new TextDecoder().decode(bytes.subarray(0, length ?? 0));
          if (said !== "") heard.push(said);
          return socket.close();
        }).catch(() => {});
      }
    })();
    const { code, stdout, stderr } = await audit(
      `127.0.0.1:${listener.addr.port}`,
      ...PROBE,
      ...["--cert", folder.path("client.pem")],
      ...["--key", folder.path("client.key")],
      ...["--passphrase-file", folder.path("passphrase")],
      ...["--request", "PING"],
    );
    assertEquals(code, 0, stdout + stderr);
    assertEquals(new Set(heard), new Set(["PING"]));
  });

  it("asks the operator to change the server, and waits for Enter", async () => {
    using listener = serve({ sessions: new MemorySessionStore() });
    await using program = startCli([
      "audit",
      addressOf(listener),
      "--pause",
      ...["--probes", "isolation/changed-certificate"],
    ]);
    await program.printed("Then press Enter.");
    // One line for each time that a probe asks.
    await program.write("\n".repeat(20));
    const { code } = await program.status;
    const stderr = await program.stderr;
    assertStringIncludes(stderr, "have it show another certificate. Then");
    assertStringIncludes(stderr, "back: have it show its first certificate");
    assert(code < 2, await program.stderr);
  });

  it("reports what it has found when it is interrupted", async () => {
    using listener = serve({ sessions: new MemorySessionStore() });
    const server = addressOf(listener);
    // It waits there, with the first probe behind it.
    const probes = [
      "--probes",
      "behaviour/kinds,isolation/changed-certificate",
    ];
    await using program = startCli(["audit", server, "--pause", ...probes]);
    await program.printed("Then press Enter.");
    program.signal("SIGINT");
    const { code } = await program.status;
    assertEquals(code, 2);
    const stdout = await program.stdout;
    assertStringIncludes(stdout, "Not audited: The audit was ended by SIGINT");
    assertStringIncludes(stdout, "  behaviour/kinds: ");
  });

  it("asks to have a change undone when it is interrupted, and doesn't wait for that", async () => {
    using listener = serve({ sessions: new MemorySessionStore() });
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ports = [listener.addr.port];
    await using front = balance(ports);
    await using program = startCli([
      "audit",
      `127.0.0.1:${front.port}`,
      "--pause",
      ...["--probes", "isolation/changed-certificate"],
    ]);
    await program.printed("Then press Enter.");
    ports.splice(0, 1, silent.addr.port);
    await program.write("\n");
    using _conn = await silent.accept();
    program.signal("SIGINT");
    const { code } = await program.status;
    assertEquals([code, program.isOverdue], [2, false]);
    const back = "back: have it show its first certificate again.\n";
    assertStringIncludes(await program.stderr, back);
    const stdout = await program.stdout;
    assertStringIncludes(stdout, "Not audited: The audit was ended by SIGINT");
  });

  it("names the permission that it lacks", async () => {
    const { code, stderr } = await runCli(
      ["audit", `127.0.0.1:${CLOSED_PORT}`, ...PROBE],
      { permissions: ["--allow-read", "--allow-env"] },
    );
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--allow-net");
  });

  it("names the flag of a key that isn't its certificate's", async () => {
    await using folder = await Folder.make();
    const other = folder.path("other.pem");
    await Deno.writeTextFile(other, createTestCertificate().key);
    const right = ["--cert", folder.certificate, "--key", folder.key];
    const wrong = ["--cert", folder.certificate, "--key", other];
    for (
      const [args, message] of [
        [wrong, "Cannot use --key: it is not the key"],
        [[...right, ...wrong], "Cannot use the second --key: it is not the"],
        [[...right, ...right], "the second --cert must be another certificate"],
      ] as const
    ) {
      const { code, stderr } = await audit("localhost:1", ...args);
      assertStringIncludes(stderr, message);
      assertEquals(code, 2);
    }
  });

  it("refuses invalid usage with exit code 2", async () => {
    const refused: [string[], string][] = [
      [[], "audit needs a server"],
      [["host:0"], "HOST:PORT"],
      [["a", "b", "--node", "c"], "--node is for one server"],
      [["a", "b", "--pause"], "--pause is for one server"],
      [["a", "--name", "b", "--name", "c", "--name", "d"], "--name"],
      [["a", "--cert", "a.pem"], "--cert and --key"],
      [["a", "--passphrase-file", "p"], "--passphrase-file needs --key"],
      [["a", "--request", "@none"], "Cannot read --request none"],
      [["a", "--cert", "a.pem", "--key", "a.key"], "Cannot read --cert a.pem"],
      [["a", "--alpn", "x".repeat(256)], "--alpn"],
      [["a", "--probes", "nonsense"], "--probes must be the id"],
      [["a", "--starttls", "gopher"], "smtp"],
      [["a", "--fail-on", "bad"], "critical"],
      [["a", "--samples", "1"], "--samples"],
      [["a", "--concurrency", "17"], "--concurrency"],
      [["a", "--timeout", "0"], "more than 0"],
      [["a", "--html", "/no/such/file"], "Cannot write --html /no/such/file"],
    ];
    await Promise.all(refused.map(async ([args, message]) => {
      const { code, stdout, stderr } = await audit(...args);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "audit --help");
    }));
  });
});

/** Whether a server is connected to while the connection to another is open. */
async function areAuditedTogether(...flags: string[]): Promise<boolean> {
  using one = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using another = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const servers = [one, another].map(({ addr }) => `127.0.0.1:${addr.port}`);
  await using _ = startCli([
    "audit",
    ...servers,
    ...flags,
    ...["--timeout", "1", ...PROBE],
  ]);
  using conn = await one.accept();
  const ended = new Response(conn.readable).bytes();
  const met = another.accept();
  const isFirst = await Promise.race([
    met.then(() => true),
    ended.then(() => false),
  ]);
  (await met).close();
  return isFirst;
}
