/**
 * The runner in workerd, by `workerd test`: prints the results as JSON. It imports
 * at global scope, where workerd has no entropy, no timers and no compiler.
 *
 * @module
 */
import { runChecks } from "../checks.ts";

const worker: { test(): Promise<void> } = {
  async test(): Promise<void> {
    console.log(JSON.stringify(await runChecks()));
  },
};

export default worker;
