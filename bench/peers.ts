/**
 * Which peers this machine can run, and how to get the others.
 *
 * @module
 */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeCertificates } from "./certificates.ts";
import { getModules, type Modules } from "./modules.ts";
import { debianRoots, succeeds } from "./programs.ts";
import { NPM_PACKAGES } from "./report.ts";

/** A peer: the command that takes `--seconds` and `--only` and prints lines of JSON. */
export interface Peer {
  name: string;
  command: string[];
  /** The metrics that it is asked for. */
  measures(metric: string): boolean;
}

/** The peers, and a sentence for each that is missing. */
export interface Peers {
  peers: Peer[];
  missing: string[];
  /** The modules that a toolchain made, if there are any. */
  modules: Modules | undefined;
}

const SOURCES = ["native.c", "native_tls.h", "measurements.h", "primitives.c"];

const RUN = [Deno.execPath(), "run", "--allow-all"];

/** Deno answers to the name of `node` where there is none. */
const NODE_CHECK =
  "'Deno' in globalThis ? process.exit(1) : require('stream').duplexPair()";

/** The program runs outside of the root that it is compiled in, with that root's libraries. */
const COMPILE_IN_ROOT = `
  cd "/$2"
  for loader in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do
    [ -e "$loader" ] && break
  done
  for program in native primitives; do
    cc -O2 -o $program $program.c -lssl -lcrypto -Wl,--disable-new-dtags \
      -Wl,-rpath,"$1/usr/lib/$(cc -print-multiarch)" -Wl,--dynamic-linker="$1$loader" || exit 1
  done
`;

/** Finds the peers; `folder` takes what has to be made for them, `built` has the modules or gets them. */
export async function findPeers(
  folder: string,
  built: string | undefined,
): Promise<Peers> {
  await writeCertificates(folder);
  const missing: string[] = [];
  const certificates = ["--certificates", folder];
  const peers = [connections("sesame", [...sesame(), ...certificates])];
  const modules = await getModules(built ?? folder);
  if (typeof modules === "string") {
    missing.push(
      `The plain build and Sesame's primitives are left out: ${modules}.`,
    );
  } else {
    peers.push(...await ofModules(modules, folder));
  }
  if (await compileOnHost(folder) || await compileInRoot(folder)) {
    peers.push(
      connections("native", [join(folder, "native")]),
      primitives("native", [join(folder, "primitives")]),
    );
  } else {
    missing.push(
      "Native OpenSSL is left out: it needs a C compiler and the headers of OpenSSL 3.5 or newer " +
        "(Debian 13: apt-get install gcc libssl-dev), or the Debian root that ./build.sh keeps, entered as root.",
    );
  }
  const ofNode = path("primitives_node.mjs");
  peers.push(primitives("deno", [...RUN, ofNode]));
  if (await succeeds("node", ["-e", NODE_CHECK])) {
    const command = ["node", "--expose-gc", path("node_tls.mjs")];
    peers.push(
      connections("node", [...command, ...certificates]),
      primitives("node", ["node", ofNode]),
    );
  } else {
    missing.push(
      "Node is left out: it needs Node 20.17, 22.6 or newer in PATH (https://nodejs.org).",
    );
  }
  for (const name of NPM_PACKAGES) {
    const program = path("primitives_npm.mjs");
    peers.push(primitives(name, [...RUN, program, "--subject", name]));
  }
  return {
    peers,
    missing,
    modules: typeof modules === "string" ? undefined : modules,
  };
}

function sesame(...options: string[]): string[] {
  return [...RUN, "--v8-flags=--expose-gc", ...options, path("sesame.ts")];
}

function primitives(name: string, command: string[]): Peer {
  return { name, command, measures: isOfPrimitives };
}

function connections(name: string, command: string[]): Peer {
  return { name, command, measures: (metric) => !isOfPrimitives(metric) };
}

function isOfPrimitives(metric: string): boolean {
  return metric === "primitives";
}

/** The primitives with kernels, and all that is plain: the module's is exchanged by an import map. */
async function ofModules(modules: Modules, folder: string): Promise<Peer[]> {
  const ours = new URL("../wasm/openssl.wasm", import.meta.url).href;
  const imports = { [ours]: pathToFileURL(modules.plain).href };
  const map = join(folder, "plain.json");
  await writeFile(map, JSON.stringify({ imports }));
  const plain = sesame(`--import-map=${map}`);
  const ofModule = (subject: string) => [
    ...RUN,
    path("primitives_sesame.mjs"),
    "--subject",
    subject,
  ];
  return [
    primitives("sesame", ofModule(modules.primitives)),
    {
      name: "plain",
      command: [...plain, "--certificates", folder],
      measures: (metric) => metric === "handshakes/s" || metric === "bytes/s",
    },
    primitives("plain", ofModule(modules.plainPrimitives)),
  ];
}

async function compileOnHost(folder: string): Promise<boolean> {
  for (const program of ["native", "primitives"]) {
    const args = ["-O2", "-o", join(folder, program), path(`${program}.c`)];
    if (!await succeeds("cc", [...args, "-lssl", "-lcrypto"])) return false;
  }
  return true;
}

/** Compiles in the Debian 13 that build.sh keeps. */
async function compileInRoot(folder: string): Promise<boolean> {
  for (const root of debianRoots()) {
    try {
      const inner = await mkdtemp(join(root, "tmp", "bench-"));
      for (const source of SOURCES) {
        await copyFile(path(source), join(inner, source));
      }
      const args = ["-c", COMPILE_IN_ROOT, "sh", root, relative(root, inner)];
      const compiled = await succeeds("chroot", [root, "sh", ...args]);
      for (const program of compiled ? ["native", "primitives"] : []) {
        await copyFile(join(inner, program), join(folder, program));
      }
      await rm(inner, { recursive: true });
      if (compiled) return true;
    } catch {
      continue;
    }
  }
  return false;
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
