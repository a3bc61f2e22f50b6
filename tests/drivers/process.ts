/**
 * The drivers in one runtime: prints a {@linkcode Result} a line. The arguments are a file
 * with a {@linkcode Site}, whose `node:tls` they use ("ours" or "own"), and drivers' names.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { DRIVERS } from "./drivers/mod.ts";
import type { Driver, Result, Site, Version, Visitor } from "./site.ts";

const VERSIONS: readonly Version[] = ["TLSv1.3", "TLSv1.2"];
/** Bun has packages of its own under these names: npm's are found by their paths. */
const OWN_OF_BUN = new Map([
  ["undici", "./node_modules/undici/index.js"],
  ["ws", "./node_modules/ws/index.js"],
]);
const DEADLINE_MS = 20_000;

const [file = "", whose = "ours", ...names] = process.argv.slice(2);
const site: Site = JSON.parse(await readFile(file, "utf8"));
const { keepSessions } = await import(`./${whose}_tls.ts`);
const require = createRequire(join(site.packages, "package.json"));

for (const driver of DRIVERS) {
  if (!names.includes(driver.name)) continue;
  const startedAt = performance.now();
  const error = await failureOf(driver);
  const result: Result = {
    driver: driver.name,
    ms: Math.round(performance.now() - startedAt),
    ...(error !== undefined && { error }),
  };
  console.log(JSON.stringify(result));
}
// Some drivers and servers would go on.
process.exit();

/** What is wrong with a driver, if anything is. */
async function failureOf(driver: Driver): Promise<string | undefined> {
  try {
    for (const version of VERSIONS) {
      await withDeadline(visitTwice(driver, version));
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.stack : String(error);
  }
}

async function visitTwice(driver: Driver, version: Version): Promise<void> {
  const connect = driver.begin(visitorWith(version));
  for (const expected of [false, true]) {
    if (await connect() === expected) continue;
    const which = expected ? "second" : "first";
    const how = expected ? "full" : "resumed";
    throw new Error(`${version}: the ${which} connection was ${how}`);
  }
}

function visitorWith(version: Version): Visitor {
  const { ca, cert, key, server, files } = site;
  return {
    tls: { ca, cert, key, minVersion: version, maxVersion: version },
    sessions: keepSessions(),
    server: { ...server, ca },
    files,
    port: (name) => site.ports[name] ?? 0,
    log: (name) => readFile(site.logs[name] ?? "", "utf8"),
    load: (name) => require(OWN_OF_BUN.get(name) ?? name),
  };
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("It hangs")), DEADLINE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
