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
  type ConnectTlsOptions,
  OpenSSL,
  TlsContext,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { KeyLog } from "../../../src/cli/key_log.ts";
import { openStore } from "../../../src/cli/open_store.ts";
import { readEntries } from "../../../src/cli/store/list.ts";
import { CliServer, startCli } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, run } from "../../support/programs.ts";
import {
  describeWithRedis,
  PASSWORD,
  RedisServer,
  until,
} from "../../support/redis.ts";
import { hearAll, say } from "../../support/sockets.ts";

/** A machine that is busy is no failing store. */
const PATIENCE = ["--lookup-timeout", "10000", "--write-timeout", "10000"];

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

  it("applies --num-tickets and --config", async () => {
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

  it("resumes nothing without tickets, with the reason", async () => {
    await using shared = await Folder.make();
    const session = shared.path("session.pem");
    await using giver = await CliServer.start([]);
    await using server = await CliServer.start(["--tickets", "off"]);
    await visit(giver, ["-tls1_3", "-sess_out", session]);
    const said = await visit(server, ["-tls1_3", "-sess_in", session]);
    assert(/^Resumption: +full handshake: disabled$/m.test(said), said);
  });
});

describe("serve --store", () => {
  for (const scheme of ["dir", "kv"]) {
    it(`resumes from ${scheme}:PATH`, async () => {
      await using server = await CliServer.start((folder) => [
        ...["--store", `${scheme}:${folder.path("sessions")}`, ...PATIENCE],
      ]);
      assert(await resumes(server));
    });
  }
});

describeWithRedis("redis-server", "serve --store redis:", () => {
  it("reports when Redis fails and when it is back, also from workers", async () => {
    await using redis = await RedisServer.start();
    await using server = await CliServer.start([
      ...["--store", redis.url, "--workers", "2", ...PATIENCE],
    ]);
    assert(await resumes(server));
    const clients = (await redis.ask("CLIENT LIST")).match(/\bid=\d/g);
    assertEquals(clients?.length, 1 + 2, "this one, and one for each worker");
    await redis.kill();
    const away = await server.printed("Store away: ");
    assertStringIncludes(away, `redis://127.0.0.1:${redis.port}: `);
    await redis.restart();
    await server.printed("Store back: ");
    await until("all workers are back", () => resumes(server));
    server.signal("SIGTERM");
    const { stdout, stderr } = await server.ended();
    assertFalse((stdout + stderr).includes(encodeURIComponent(PASSWORD)));
  });
});

describe("serve --tag", () => {
  for (
    const [kind, tag] of [
      ["subject", "CN=localhost"],
      ["address", "127.0.0.1"],
      ["sni", "localhost"],
    ] as const
  ) {
    it(`marks sessions with the ${kind}`, async () => {
      let spec = "";
      await using server = await CliServer.start((folder) => {
        spec = `sqlite:${folder.path("sessions.db")}`;
        return [
          ...["--store", spec, "--tag", kind, "--num-tickets", "1"],
          ...["--client-auth", "require", "--ca", folder.certificate],
        ];
      });
      await visitAs(server, { ...certificate });
      const { store, close } = await openStore(spec);
      const entries = await Array.fromAsync(readEntries(store, spec));
      await close();
      assertEquals(entries.map((entry) => entry.tag), [tag]);
    });
  }
});

describe("KeyLog", () => {
  it(
    "goes on when the disk is full",
    { ignore: Deno.build.os !== "linux" },
    () => {
      const errors: unknown[] = [];
      const log = new KeyLog("/dev/full", (error) => errors.push(error));
      log.write("a secret");
      log.close();
      assertMatch(String(errors), /^Error: .*No space left/);
    },
  );
});

describe("serve --write-cert", () => {
  it("writes the certificate that clients trust", async () => {
    await using folder = await Folder.make();
    const path = folder.path("throw-away.pem");
    await using server = startCli([
      ...["serve", "--port", "0", "--write-cert", path],
    ]);
    const line = await server.printed("Listening on ");
    await using socket = await connectTls({
      hostname: "localhost",
      port: Number(/\d+$/.exec(line)?.[0]),
      caCerts: [await Deno.readTextFile(path)],
    });
    assertEquals(socket.info?.peerCertificate?.subject, "CN=localhost");
  });
});

describe("serve with files", () => {
  it("writes a key log with mode 0600, and warns of it", async () => {
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

  it("accepts early data once", async () => {
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

/** Comes twice: whether the second time with the session of the first. */
async function resumes(server: CliServer): Promise<boolean> {
  using context = new TlsContext({
    caCerts: [certificate.cert],
    openssl: new OpenSSL(),
  });
  const sessions = new MemorySessionStore();
  const options = { context, sessions };
  const hasResumed = [
    await visitAs(server, options),
    await visitAs(server, options),
  ];
  assertEquals(hasResumed[0], false);
  return hasResumed[1] ?? false;
}

async function visitAs(
  { port }: CliServer,
  options: Partial<ConnectTlsOptions>,
): Promise<boolean | undefined> {
  const caCerts = [certificate.cert];
  await using socket = await connectTls({
    hostname: "localhost",
    port,
    ...(options.context ? {} : { caCerts }),
    ...options,
  });
  await say(socket, "GET /\n");
  await hearAll(socket);
  return socket.info?.resumed;
}

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
