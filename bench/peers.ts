/**
 * Which peers this machine can run, and how to get the others.
 *
 * @module
 */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCertificates } from "./certificates.ts";

/** A peer: the command that takes `--seconds` and `--only` and prints lines of JSON. */
export interface Peer {
  name: "sesame" | "native" | "node";
  command: string[];
}

/** The peers, and a sentence for each that is missing. */
export interface Peers {
  peers: Peer[];
  missing: string[];
}

const SOURCES = ["native.c", "native_tls.h", "measurements.h"];

/** Deno answers to the name of `node` where there is none. */
const NODE_CHECK =
  "'Deno' in globalThis ? process.exit(1) : require('stream').duplexPair()";

/** The program runs outside of the root that it is compiled in, with that root's libraries. */
const COMPILE_IN_ROOT = `
  cd "/$2"
  for loader in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do
    [ -e "$loader" ] && break
  done
  cc -O2 -o native native.c -lssl -lcrypto -Wl,--disable-new-dtags \
    -Wl,-rpath,"$1/usr/lib/$(cc -print-multiarch)" -Wl,--dynamic-linker="$1$loader"
`;

/** Finds the peers; `folder` takes what has to be made for them. */
export async function findPeers(folder: string): Promise<Peers> {
  await writeCertificates(folder);
  const sesame = [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--v8-flags=--expose-gc",
    path("sesame.ts"),
    "--certificates",
    folder,
  ];
  const peers: Peer[] = [{ name: "sesame", command: sesame }];
  const missing: string[] = [];

  const native = await compileOnHost(folder) ??
    await compileInRoot(folder);
  if (native !== undefined) {
    peers.push({ name: "native", command: [native] });
  } else {
    missing.push(
      "Native OpenSSL is left out: it needs a C compiler and the headers of OpenSSL 3.5 or newer " +
        "(Debian 13: apt-get install gcc libssl-dev), or the Debian root that ./build.sh keeps, entered as root.",
    );
  }
  if (await succeeds("node", ["-e", NODE_CHECK])) {
    const command = ["node", "--expose-gc", path("node_tls.mjs")];
    command.push("--certificates", folder);
    peers.push({ name: "node", command });
  } else {
    missing.push(
      "Node is left out: it needs Node 20.17, 22.6 or newer in PATH (https://nodejs.org).",
    );
  }
  return { peers, missing };
}

async function compileOnHost(folder: string): Promise<string | undefined> {
  const program = join(folder, "native");
  const args = ["-O2", "-o", program, path("native.c"), "-lssl", "-lcrypto"];
  return await succeeds("cc", args) ? program : undefined;
}

/** Compiles in the Debian 13 that build.sh keeps. */
async function compileInRoot(folder: string): Promise<string | undefined> {
  const program = join(folder, "native");
  for (const root of debianRoots()) {
    try {
      const inner = await mkdtemp(join(root, "tmp", "bench-"));
      for (const source of SOURCES) {
        await copyFile(path(source), join(inner, source));
      }
      const args = ["-c", COMPILE_IN_ROOT, "sh", root, relative(root, inner)];
      const compiled = await succeeds("chroot", [root, "sh", ...args]);
      if (compiled) await copyFile(join(inner, "native"), program);
      await rm(inner, { recursive: true });
      if (compiled) return program;
    } catch {
      continue;
    }
  }
  return undefined;
}

function debianRoots(): string[] {
  const { env } = Deno;
  const cache = env.get("SESAME_CACHE") ??
    join(env.get("XDG_CACHE_HOME") ?? `${env.get("HOME")}/.cache`, "sesame");
  return [join(cache, "debian-13"), join(cache, "root")];
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args }).output();
    return success;
  } catch {
    return false;
  }
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
