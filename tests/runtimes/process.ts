/**
 * The runner in Deno, Node.js and Bun: prints the results as JSON. Its argument is
 * a folder for SQLite's file; without, that check isn't run.
 *
 * @module
 */
import process from "node:process";
import { runChecks } from "./checks.ts";
import { sqliteChecks } from "./sqlite_checks.ts";
import { PORT_CHECKS } from "./store_checks.ts";

const [folder] = process.argv.slice(2);
const more = folder === undefined ? {} : sqliteChecks(folder);
const results = await runChecks({ ...PORT_CHECKS, ...more });
console.log(JSON.stringify(results));
