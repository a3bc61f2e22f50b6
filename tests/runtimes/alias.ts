/**
 * The runner of what bundlers make of `node:tls` where an alias leads it to Sesame: prints the
 * results as JSON.
 *
 * @module
 */
import { createServer } from "node:tls";
import tls from "tls";
import { resultsOf } from "./checks.ts";
import { nodeTlsChecks } from "./node_tls_checks.ts";

const checks = nodeTlsChecks({ ...tls, createServer });
console.log(JSON.stringify(await resultsOf(checks)));
