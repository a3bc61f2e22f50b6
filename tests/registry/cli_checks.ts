/** What must hold for those who use the command line. */
import { join } from "node:path";
import type { AuditJson } from "../../src/audit/mod.ts";
import { type Checks, expectText } from "./checks.ts";
import type { Consumer } from "./consumer.ts";

const CLI = "jsr:@sesame/tls/cli";
const SERVE = ["serve", "--port", "0", "--write-cert", "cert.pem"];

/** Probes of an audit: with handshakes by OpenSSL, and with hellos of its own. */
const PROBES = ["behaviour/renewal", "proof/binder"];

/** The checks. */
export const CLI_CHECKS: Checks = {
  "the command line: serve and connect": (consumer) =>
    visit(consumer, [Deno.execPath(), "run", "-A", CLI], [
      "--store",
      "sqlite:cli.db",
    ]),
  "the command line: serve --workers": async (consumer) => {
    if (Deno.build.os !== "linux") return;
    const start = [Deno.execPath(), "run", "-A", "--unstable-net", CLI];
    await visit(consumer, start, [
      "--workers",
      "2",
      "--store",
      "memory",
    ]);
  },
  "the command line: a store in Deno KV": (consumer) =>
    visit(consumer, [Deno.execPath(), "run", "-A", "--unstable-kv", CLI], [
      "--store",
      "kv:cli.kv",
    ]),
  "the command line finds npm's redis": async (consumer) => {
    // Nobody listens there.
    const store = "redis://127.0.0.1:1";
    const args = ["run", "-A", CLI, "store", "stats", "--store", store];
    const failure = await consumer.deno(...args).catch(String);
    if (!String(failure).includes("ECONNREFUSED")) {
      throw new Error(`It says ${failure}`);
    }
  },
  "the command line: audit": async (consumer) => {
    const start = [Deno.execPath(), "run", "-A", CLI];
    await withServer(consumer, start, ["--store", "memory"], async (port) => {
      const [program = "", ...args] = [...start, "audit", `localhost:${port}`];
      const outputs = ["--json", "--html", "audit.html"];
      const probes = ["--probes", PROBES.join(",")];
      const { text } = await consumer.run(program, [
        ...args,
        ...outputs,
        ...probes,
      ]);
      const { servers }: AuditJson = JSON.parse(text);
      const passed = servers.flatMap(({ findings }) => findings)
        .filter(({ kind, verdict }) => kind === "tls1.3" && verdict === "pass")
        .map(({ probe }) => probe);
      expectText(passed.join(), PROBES.join());
      const page = join(consumer.folder, "audit.html");
      const html = await Deno.readTextFile(page);
      if (!html.includes("proof/binder")) throw new Error(`It is ${html}`);
    });
  },
  "the command line, installed": async (consumer) => {
    const args = ["install", "--quiet", "-g", "-A", "-n", "sesame", CLI];
    await consumer.deno(...args);
    const sesame = join(consumer.folder, ".installed/bin/sesame");
    const { text } = await consumer.run(sesame, [
      "store",
      "stats",
      "--store",
      "sqlite:cli.db",
    ]);
    if (!/sessions/i.test(text)) throw new Error(`It says ${text}`);
  },
};

/**
 * Has a client resume at a server, both of them the command line.
 *
 * @param start The program that is the command line, and its first arguments.
 * @param serve Options of `serve`.
 */
export async function visit(
  consumer: Consumer,
  start: string[],
  serve: string[],
): Promise<void> {
  await withServer(consumer, start, serve, async (port) => {
    const [program = "", ...args] = [...start, "connect", `localhost:${port}`];
    const { text } = await consumer.run(program, [
      ...args,
      ...["--ca", "cert.pem", "--resume", "2"],
    ]);
    const resumed = text.match(/resumed/gi)?.length ?? 0;
    if (resumed < 2) throw new Error(`It says ${text}`);
  });
}

/** Does something while `serve` runs, which is then stopped. */
async function withServer(
  consumer: Consumer,
  [program = "", ...start]: string[],
  serve: string[],
  use: (port: number) => Promise<void>,
): Promise<void> {
  await using server = consumer.spawn(program, [...start, ...SERVE, ...serve]);
  const complaints = new Response(server.stderr).text();
  const port = await portIn(server.stdout);
  if (port === undefined) {
    throw new Error(`The server doesn't listen: ${await complaints}`);
  }
  await use(port);
  server.kill("SIGTERM");
  expectText(`ended with ${(await server.status).code}`, "ended with 0");
}

/** Where a server listens, as it says itself before it ends. */
async function portIn(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<number | undefined> {
  const output = stdout.pipeThrough(new TextDecoderStream());
  let said = "";
  for await (const part of output.values({ preventCancel: true })) {
    said += part;
    const [, port] = /Listening on .*:(\d+)\n/.exec(said) ?? [];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}
