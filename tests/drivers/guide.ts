/**
 * The programs of docs/drivers.md, which run as they stand: each after what it says that every
 * program begins with, with the ports of the test's servers in place of the usual ones.
 *
 * @module
 */
import { join } from "node:path";
import { linkPackage, programsOf } from "./programs.ts";
import type { Site } from "./site.ts";

const DEADLINE_MS = 30_000;

/** The servers behind the usual ports. */
const SERVERS: Readonly<Record<string, string>> = {
  "21": "vsftpd",
  "443": "nginx",
  "587": "exim",
  "3306": "mariadb",
  "5432": "front",
  "6379": "redis",
  "8883": "mosquitto",
};

/** A program of the page, and what became of it. */
export interface Trial {
  readonly name: string;
  /** What it lacks on this machine; nothing if it was run. */
  readonly missing: readonly string[];
  /** What went wrong, if anything did. */
  readonly error?: string;
}

/** Runs the page's programs in Node.js, one after the other. */
export async function tryGuide(node: string, site: Site): Promise<Trial[]> {
  const folder = await Deno.makeTempDir({
    dir: site.packages,
    prefix: "guide-",
  });
  try {
    await Promise.all([linkPackage(folder), writeFiles(folder, site)]);
    const { beginning, programs } = await programsOf("docs/drivers.md");
    const trials: Trial[] = [];
    for (const [name, text] of programs) {
      const servers = portsIn(text).flatMap((port) => SERVERS[port] ?? []);
      const missing = servers.filter((server) => !site.ports[server]);
      const trial = { name, missing };
      if (missing.length > 0) {
        trials.push(trial);
        continue;
      }
      const error = await failureOf(node, folder, beginning + here(text, site));
      trials.push({ ...trial, ...(error !== undefined && { error }) });
    }
    return trials;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeFiles(folder: string, site: Site): Promise<void> {
  const { ca, cert, key } = site;
  const files = { "ca.pem": ca, "client.pem": cert, "client-key.pem": key };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
  }
}

function portsIn(program: string): string[] {
  return [...program.matchAll(/\bport: (\d+)|\.com:(\d+)/g)]
    .map(([, port, inUrl]) => port ?? inUrl ?? "");
}

/** A program with this machine's names, ports and server's certificate. */
function here(program: string, { ports, server }: Site): string {
  const portOf = (usual: string): string =>
    `${ports[SERVERS[usual] ?? ""] ?? 0}`;
  const text = program
    .replace(/\bport: (\d+)/g, (_, port) => `port: ${portOf(port)}`)
    .replace(
      /\w+\.example\.com:(\d+)/g,
      (_, port) => `localhost:${portOf(port)}`,
    )
    .replaceAll("listen(8443", "listen(0")
    .replace(/\w+\.example\.com/g, "localhost");
  return [
    `const serverCert = ${JSON.stringify(server.cert)};`,
    `const serverKey = ${JSON.stringify(server.key)};`,
    text,
  ].join("\n");
}

async function failureOf(
  node: string,
  folder: string,
  program: string,
): Promise<string | undefined> {
  const file = join(folder, "program.mts");
  await Deno.writeTextFile(file, program);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const { code, stderr } = await new Deno.Command(node, {
    args: ["--no-warnings", file],
    cwd: folder,
    signal,
  }).output();
  if (signal.aborted) return "It hangs";
  return code === 0 ? undefined : new TextDecoder().decode(stderr);
}
