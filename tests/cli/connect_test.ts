/**
 * `connect`, run as its users run it, on our listeners.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  startTls,
  TlsContext,
  type TlsListener,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
import { runCli } from "../support/cli.ts";
import { certificate } from "../support/engines.ts";
import { Folder } from "../support/temp_folder.ts";
import { CLOSED_PORT, optionsFor, serve } from "../support/listeners.ts";
import type { Output } from "../support/programs.ts";

describe("connect", () => {
  it("shows what was negotiated, and the certificate", async () => {
    using listener = serve({ alpnProtocols: ["h2"] });
    await using folder = await Folder.make();
    const { code, stdout } = await connect(listener, folder, "--alpn", "h2,h3");
    assertEquals(code, 0);
    for (
      const line of [
        /^Connected to 127\.0\.0\.1:\d+ in [\d.]+ ms$/m,
        /^ {2}version +TLSv1\.3$/m,
        /^ {2}cipher +TLS_/m,
        /^ {2}group +X25519MLKEM768$/m,
        /^ {2}ALPN +h2$/m,
        /^ {2}resumed +no: no session was offered$/m,
        /^ {2}certificate +CN=localhost$/m,
        /^ {2}SHA-256 +([0-9A-F]{2}:){31}[0-9A-F]{2}$/m,
        /sessions received: 2, lifetime .*, early data: not allowed/,
      ]
    ) assertMatch(stdout, line);
    await using socket = await connectTls(optionsFor(listener));
    const raw = socket.info?.peerCertificate?.raw ?? new Uint8Array();
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(raw));
    assertStringIncludes(
      stdout.replaceAll(":", ""),
      new Uint8Array(digest).toHex().toUpperCase(),
    );
  });

  for (const version of ["1.2", "TLSv1.3"]) {
    it(`resumes ${version} --resume times`, async () => {
      using listener = serve({ sessions: new MemorySessionStore() });
      await using folder = await Folder.make();
      const { code, stdout } = await connect(
        listener,
        folder,
        ...["--resume", "3", "--min-version", "1.2", "--max-version", version],
      );
      assertEquals(code, 0);
      assertEquals(
        stdout.match(/^\d: [\d.]+ ms, TLSv1\.\d, resumed$/gm)?.length,
        3,
      );
      assertStringIncludes(stdout, "Resumed 3 of 3 times");
      assertMatch(stdout, /│ full +│ 1 /);
      assertMatch(stdout, /│ resumed +│ 3 /);
    });
  }

  it("reports that the server declined to resume", async () => {
    using listener = serve({ tickets: "off" });
    await using folder = await Folder.make();
    const resuming = ["--resume", "1"];
    const off = await connect(listener, folder, ...resuming);
    assertStringIncludes(off.stdout, "sessions received: none");
    assertStringIncludes(off.stdout, "full: no session was offered");

    using other = serve({ sessions: new MemorySessionStore() });
    const file = folder.path("session.pem");
    await connect(other, folder, "--session-out", file);
    using stranger = serve({ sessions: new MemorySessionStore() });
    const { stdout } = await connect(stranger, folder, "--session-in", file);
    assertStringIncludes(stdout, "no: the server declined the session");
  });

  it("carries a session from one server to another", async () => {
    await using folder = await Folder.make();
    using sessions = new SqliteSessionStore(folder.path("sessions.db"));
    using one = serve({ sessions });
    using another = serve({ sessions });
    const file = folder.path("session.pem");
    const written = await connect(one, folder, "--session-out", file);
    assertEquals(written.code, 0);
    assertEquals(await modeOf(file), 0o600);
    const { stdout } = await connect(another, folder, "--session-in", file);
    assertMatch(stdout, /resumed +yes/);
  });

  it("keeps sessions in a store from one run to the next", async () => {
    using listener = serve({ sessions: new MemorySessionStore() });
    await using folder = await Folder.make();
    const store = ["--store", `sqlite:${folder.path("client.db")}`];
    const first = await connect(listener, folder, ...store);
    assertMatch(first.stdout, /resumed +no: no session was offered/);
    const second = await connect(listener, folder, ...store, "--resume", "1");
    assertMatch(second.stdout, /resumed +yes/);
    assertStringIncludes(second.stdout, "Resumed 1 of 1 time");
  });

  it("sends early data with a session that allows it", async () => {
    using listener = serve({
      sessions: new MemorySessionStore(),
      singleUse: true,
      maxEarlyData: 100,
    });
    await using folder = await Folder.make();
    const early = (data: string): Promise<Output> =>
      connect(listener, folder, "--resume", "1", "--early-data", data);
    assertMatch((await early("hi")).stdout, /resumed, early data accepted/);
    assertMatch(
      (await early("x".repeat(101))).stdout,
      /1: .*, resumed, early data not sent: no session allows it$/m,
    );
  });

  it("prints received data on stdout and its report on stderr", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const sent = await connect(listener, folder, "--send", "hello");
    assertEquals([sent.code, sent.stdout], [0, "hello"]);
    assertStringIncludes(sent.stderr, "sessions received: 2");
    await Deno.writeTextFile(folder.path("page"), "from a file");
    const page = `@${folder.path("page")}`;
    const { stdout } = await connect(listener, folder, "--send", page);
    assertEquals(stdout, "from a file");
  });

  it("pipes standard input", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "cli.ts",
        "connect",
        ...to(listener, folder),
        "--stdin",
      ],
      cwd: new URL("../..", import.meta.url),
      env: { SESAME_STORE: "memory" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const text = "line\n".repeat(20_000);
    await new Blob([text]).stream().pipeTo(child.stdin);
    assertEquals(await new Response(child.stdout).text(), text);
    assert((await child.status).success);
  });

  it("asks for TLS in another protocol first, and resumes", async () => {
    await using folder = await Folder.make();
    using plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = serveMail(plain, 2);
    const { code, stdout, stderr } = await runCli([
      "connect",
      `127.0.0.1:${plain.addr.port}`,
      ...["--ca", folder.certificate, "--starttls", "pop3"],
      ...["--resume", "1", "--store", `sqlite:${folder.path("client.db")}`],
    ]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "Resumed 1 of 1 time");
    assertEquals(await served, ["STLS\r\n", "STLS\r\n"]);
  });

  it("finds hosts, and says which it can't reach, with STARTTLS as without", async () => {
    for (
      const [target, message] of [
        // Letters that URLs take for those of ASCII.
        [`ｌｏｃａｌｈｏｓｔ:${CLOSED_PORT}`, "Nothing listens on"],
        ["255.255.255.255:1", "Cannot connect to 255.255.255.255:1: "],
      ] as const
    ) {
      const { code, stderr } = await runCli(["connect", target]);
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
      const asking = ["connect", target, "--starttls", "smtp"];
      assertEquals((await runCli(asking)).stderr, stderr);
    }
  });

  it("says what a server without STARTTLS answered", async () => {
    using plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answered = (async () => {
      using conn = await plain.accept();
      await conn.write(new TextEncoder().encode("554 no\r\n"));
      await conn.read(new Uint8Array(100));
    })();
    const target = `127.0.0.1:${plain.addr.port}`;
    const { code, stderr } = await runCli(
      ["connect", target, "--starttls", "smtp"],
    );
    await answered;
    assertEquals(code, 1);
    assertStringIncludes(stderr, 'by smtp: the server answered "554 no"');
  });

  it("asks for another name than the one it connects to", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const name = ["--servername", "localhost"];
    const { stdout } = await connect(
      listener,
      folder,
      ...name,
      "--resume",
      "1",
    );
    assertMatch(stdout, /server name +localhost/);
    assertStringIncludes(stdout, "Resumed 1 of 1 time");
  });

  it("sends a client certificate", async () => {
    await using folder = await Folder.make();
    const cert = await Deno.readTextFile(folder.certificate);
    using listener = serve({ clientAuth: "require", caCerts: [cert] });
    const without = await connect(listener, folder);
    assertEquals(without.code, 1);
    assertStringIncludes(without.stderr, "--cert and --key");
    const { certificate, key } = folder;
    const own = ["--cert", certificate, "--key", key];
    assertEquals((await connect(listener, folder, ...own)).code, 0);
  });

  it("writes the key log with mode 0600", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const log = folder.path("keys.log");
    await connect(listener, folder, "--keylog", log);
    assertMatch(await Deno.readTextFile(log), /^CLIENT_TRAFFIC_SECRET_0 /m);
    assertEquals(await modeOf(log), 0o600);
  });
});

describe("connect, when it fails", () => {
  it("suggests --ca for an untrusted server", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const { code, stderr, stdout } = await runCli(
      ["connect", `127.0.0.1:${listener.addr.port}`],
    );
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "--ca FILE");
    const name = ["--servername", "example.com"];
    const other = await connect(listener, folder, ...name);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "--servername NAME");
  });

  it("reports a refused connection, and a peer without TLS", async () => {
    await using folder = await Folder.make();
    using plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = plain.addr;
    const answered = (async () => {
      using conn = await plain.accept();
      await conn.read(new Uint8Array(10_000));
      await conn.write(new TextEncoder().encode("HTTP/1.0 400 Bad\r\n\r\n"));
    })();
    const target = [`127.0.0.1:${port}`, "--ca", folder.certificate];
    const notTls = await runCli(["connect", ...target]);
    await answered;
    assertEquals(notTls.code, 1);
    assertStringIncludes(notTls.stderr, "the peer seems not to speak TLS");
    const closed = `127.0.0.1:${CLOSED_PORT}`;
    const nobody = await runCli(["connect", closed, ...target.slice(1)]);
    assertEquals(nobody.code, 1);
    assertStringIncludes(nobody.stderr, `Nothing listens on ${closed}`);
  });

  it("names the file that it can't write the session to", async () => {
    using listener = serve();
    await using folder = await Folder.make();
    const file = ["--session-out", "/no/such/file"];
    const { code, stderr } = await connect(listener, folder, ...file);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Cannot write --session-out /no/such/file: ");
  });

  it("refuses invalid usage with exit code 2", async () => {
    const refused: [string[], string][] = [
      [[], "host"],
      [["a b"], "HOST:PORT"],
      [["host:0"], "HOST:PORT"],
      [["host", "--max-version", "1.4"], "1.0, 1.1, 1.2 or 1.3"],
      [["host", "--resume", "-1"], "whole number"],
      [["host", "--send", "a", "--http", "/"], "exclude each other"],
      [["host", "--http", "no path"], "must be a path"],
      [["host", "--cert", "a.pem"], "--cert and --key"],
      [["host", "--early-data", "a"], "needs a session"],
      [["host", "--ca", "deno.json"], "--ca"],
      [["host", "--alpn", "x".repeat(256)], "--alpn"],
      [["host", "--keylog", "/no/such/file"], "--keylog /no/such/file"],
      [["host", "--ca", "missing.pem"], "Cannot read --ca missing.pem"],
      [["host", "--config", "Nonsense=1"], "Nonsense=1"],
      [["host", "--session-in", "deno.json"], "holds no TLS session"],
      [["host", "--store", "nonsense:"], "sqlite:PATH"],
    ];
    await Promise.all(refused.map(async ([args, message]) => {
      const { code, stderr } = await runCli(["connect", ...args]);
      assertEquals(code, 2, `${args}: ${stderr}`);
      assertStringIncludes(stderr, message);
      assertFalse(stderr.includes("    at "), stderr);
      assertFalse(stderr.includes("options."), stderr);
    }));
  });
});

function connect(
  listener: TlsListener,
  folder: Folder,
  ...args: string[]
): Promise<Output> {
  return runCli(["connect", ...to(listener, folder), ...args]);
}

function to({ addr }: TlsListener, folder: Folder): string[] {
  return [`127.0.0.1:${addr.port}`, "--ca", folder.certificate];
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

/** A POP3 server for some clients that ask for TLS: what they ask. */
async function serveMail(
  listener: Deno.TcpListener,
  clients: number,
): Promise<string[]> {
  using context = new TlsContext({
    ...certificate,
    sessions: new MemorySessionStore(),
  });
  const asked: string[] = [];
  while (asked.length < clients) {
    const conn = await listener.accept();
    const bytes = new Uint8Array(100);
    await conn.write(new TextEncoder().encode("+OK ready\r\n"));
    const length = await conn.read(bytes) ?? 0;
    asked.push(new TextDecoder().decode(bytes.subarray(0, length)));
    await conn.write(new TextEncoder().encode("+OK begin\r\n"));
    await using socket = startTls(conn, { role: "server", context });
    await socket.readable.pipeTo(socket.writable);
  }
  return asked;
}
