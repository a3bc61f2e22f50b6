import { randomSeed } from "../../src/testing/entropy.ts";

/** How long the fuzzers of one test file run, by `SESAME_FUZZ_SECONDS`; 0 in the gate. */
const SECONDS = Number(Deno.env.get("SESAME_FUZZ_SECONDS") ?? 0);

/** What a fuzzer's seeds begin with: the same in the gate, another one each time it runs longer. */
export const FUZZ_SEED = SECONDS > 0 ? randomSeed() : "gate";

/**
 * Counts the rounds of a fuzzer: `gate` of them, or as many as there is time for, which it
 * then tells with the seed.
 *
 * @param share Its part of the time, where a file has several fuzzers.
 */
export function* fuzzRounds(
  what: string,
  gate: number,
  share = 1,
): Generator<number> {
  if (SECONDS === 0) {
    for (let round = 0; round < gate; round++) yield round;
    return;
  }
  const end = performance.now() + SECONDS * share * 1000;
  let round = 0;
  while (performance.now() < end) yield round++;
  console.log(`${what}: ${round} rounds of seed ${FUZZ_SEED}`);
}
