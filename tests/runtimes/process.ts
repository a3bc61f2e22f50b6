/**
 * The runner in Deno, Node.js and Bun: prints the results as JSON. Its argument is
 * a folder for SQLite's file; without, what needs a permission isn't checked.
 *
 * @module
 */
import process from "node:process";
import { runChecks } from "./checks.ts";
import { NODE_SOCKET_CHECKS } from "./node_socket_checks.ts";
import { sqliteChecks } from "./sqlite_checks.ts";
import { PORT_CHECKS } from "./store_checks.ts";

const [folder] = process.argv.slice(2);
const more = folder === undefined
  ? {}
  : { ...sqliteChecks(folder), ...NODE_SOCKET_CHECKS };
const results = await runChecks({ ...PORT_CHECKS, ...more });
console.log(JSON.stringify(results));
