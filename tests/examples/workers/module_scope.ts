import { deepEqual } from "node:assert/strict";
import type { Example } from "./visit.ts";

const NO_ENTROPY =
  "TlsError: Cannot draw random bytes: the instance's entropy source failed. " +
  "In the global scope of a Worker there is none: make contexts in a handler";

/**
 * What is tried at module scope fails with the reason, and can be done later. What it is timed
 * with does nothing: it is the simulator's part in all figures.
 */
export const moduleScope: Example = {
  name: "module_scope",
  servers: [],
  maxGzip: 1000,
  isPlain: true,
  async visit({ start, measure }): Promise<void> {
    await using worker = await start({});
    await measure(worker, async () => {
      deepEqual(await worker.json("nothing"), {});
    });
    deepEqual(await worker.json(), {
      atModuleScope: {
        "new TlsContext": NO_ENTROPY,
        createTestCertificate: NO_ENTROPY,
      },
      inRequest: "it can",
    });
  },
};
