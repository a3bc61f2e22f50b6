/**
 * The runner in workerd of what Wrangler makes of `node:tls` where its `alias` leads it to
 * Sesame: prints the results as JSON.
 *
 * @module
 */
import { createServer } from "node:tls";
import tls from "tls";
import { resultsOf } from "../checks.ts";
import { nodeTlsChecks } from "../node_tls_checks.ts";

const worker: { test(): Promise<void> } = {
  async test(): Promise<void> {
    const checks = nodeTlsChecks({ ...tls, createServer });
    console.log(JSON.stringify(await resultsOf(checks)));
  },
};

export default worker;
