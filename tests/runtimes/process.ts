/**
 * The runner in Deno, Node.js and Bun: prints the results as JSON. Its argument is
 * a folder for SQLite's file; without, that check isn't run.
 *
 * @module
 */
import process from "node:process";
import { type Checks, runChecks } from "./checks.ts";
import { NODE_AUDIT_CHECKS } from "./node_audit_checks.ts";
import { NODE_REGISTER_CHECKS } from "./node_register_checks.ts";
import { NODE_SOCKET_CHECKS } from "./node_socket_checks.ts";
import { SQLITE_MISSING_CHECKS, sqliteChecks } from "./sqlite_checks.ts";
import { PORT_CHECKS } from "./store_checks.ts";

const [folder] = process.argv.slice(2);
const more = folder === undefined ? {} : {
  ...checksOfSqlite(folder),
  ...NODE_SOCKET_CHECKS,
  ...NODE_AUDIT_CHECKS,
  ...NODE_REGISTER_CHECKS,
};
const results = await runChecks({ ...PORT_CHECKS, ...more });
console.log(JSON.stringify(results));

/** Node.js 20 has no SQLite. */
function checksOfSqlite(folder: string): Checks {
  return process.versions.node.startsWith("20.")
    ? SQLITE_MISSING_CHECKS
    : sqliteChecks(folder);
}
