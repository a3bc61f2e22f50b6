/**
 * Random calls over `libssl`. In the gate a few of them, the same each time; longer with
 * `SESAME_FUZZ_SECONDS=600 deno task test tests/libssl/fuzz_test.ts`, whose seeds are new.
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { FuzzReport } from "../fuzz/libssl_worker.ts";
import { libsslSignatures } from "../fuzz/libssl_signatures.ts";
import { FUZZ_SEED, fuzzRounds } from "../fuzz/rounds.ts";
import { OpenSSL } from "../../src/libssl/mod.ts";

const GATE_SEEDS = 25;
const CALLS = 500;
/** What one seed may take before it counts as a hang, in ms. */
const SEED_TIMEOUT = 60_000;

describe("libssl under random calls", () => {
  it("knows all its functions", () => {
    assertEquals(
      new Set(libsslSignatures().map(({ name }) => name)),
      new Set(Object.keys(OpenSSL.default.libssl)),
    );
  });

  it("returns or refuses, and lives", async () => {
    using fuzzer = new FuzzerThread();
    let calls = 0;
    let refused = 0;
    for (const round of fuzzRounds("libssl", GATE_SEEDS)) {
      const report = await fuzzer.run(`${FUZZ_SEED}-${round}`);
      assert(report.finding === undefined, report.finding);
      calls += report.returned + report.refused;
      refused += report.refused;
    }
    assert(refused > 0 && refused < calls / 2, `${refused} of ${calls}`);
  });
});

/** The fuzzer in a thread of its own: C that loops can only be ended from outside. */
class FuzzerThread implements Disposable {
  readonly #worker = new Worker(
    new URL("../fuzz/libssl_worker.ts", import.meta.url),
    { type: "module" },
  );

  run(seed: string): Promise<FuzzReport> {
    return new Promise((resolve) => {
      const timer = setTimeout(() =>
        resolve({
          finding: `seed ${seed}: no end after ${SEED_TIMEOUT} ms`,
          returned: 0,
          refused: 0,
        }), SEED_TIMEOUT);
      this.#worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        resolve(data);
      };
      this.#worker.postMessage({ seed, calls: CALLS });
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
