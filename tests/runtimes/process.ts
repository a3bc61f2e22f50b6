/**
 * The runner in Deno, Node.js and Bun: prints the results as JSON. Its argument is
 * a folder for SQLite's file; without, that check isn't run.
 *
 * @module
 */
import process from "node:process";
import { type Checks, runChecks } from "./checks.ts";
import { NODE_SOCKET_CHECKS } from "./node_socket_checks.ts";
import { PORT_CHECKS } from "./store_checks.ts";

const [folder] = process.argv.slice(2);
const more = folder === undefined
  ? {}
  : { ...await checksOfSqlite(folder), ...NODE_SOCKET_CHECKS };
const results = await runChecks({ ...PORT_CHECKS, ...more });
console.log(JSON.stringify(results));

/** Node.js 20 has no SQLite. */
async function checksOfSqlite(folder: string): Promise<Checks> {
  if (process.versions.node.startsWith("20.")) return {};
  return (await import("./sqlite_checks.ts")).sqliteChecks(folder);
}
