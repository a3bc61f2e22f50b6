/// <reference lib="deno.worker" />
import { LibsslFuzzer } from "./libssl_fuzzer.ts";

/** What became of one seed. */
export interface FuzzReport {
  /** What went wrong, with the calls that led to it. */
  readonly finding: string | undefined;
  /** How many calls returned. */
  readonly returned: number;
  /** How many calls were refused. */
  readonly refused: number;
}

self.onmessage = ({ data: { seed, calls } }) => {
  const fuzzer = new LibsslFuzzer(seed);
  const report: FuzzReport = {
    finding: findingOf(fuzzer, seed, calls),
    returned: fuzzer.returned,
    refused: fuzzer.refused,
  };
  self.postMessage(report);
};

function findingOf(
  fuzzer: LibsslFuzzer,
  seed: string,
  calls: number,
): string | undefined {
  try {
    fuzzer.run(calls);
    return undefined;
  } catch (error) {
    return `seed ${seed}: ${error}\n${fuzzer.log.join("\n")}`;
  }
}
