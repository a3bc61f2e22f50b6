/**
 * From import to the end of the first handshake, each in a new process, in every runtime
 * that npm has, beside the runtime's own `tls` and in phases.
 *
 *   deno run --allow-all bench/start.ts [--rounds N]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { makeConsumer } from "../tests/registry/consumer.ts";
import { publish } from "../tests/registry/publish.ts";
import { serveRegistry } from "../tests/registry/registry.ts";
import { writeCertificates } from "./certificates.ts";
import {
  PHASES,
  type Program,
  type Start,
  startable,
  type Time,
} from "./start_programs.ts";

/** What all are compared with, besides. */
const PEER = "Node 24";

interface Round {
  readonly sesame: Start;
  readonly own?: Start | undefined;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "7" } },
  });
  await using registry = serveRegistry();
  await publish(registry);
  await using consumer = await makeConsumer(registry);
  await writeCertificates(consumer.folder);
  const programs = await startable(consumer, registry);
  // Unmeasured: caches are filled.
  await timesOf(programs, 1);
  const times = await timesOf(programs, Number(values.rounds));
  console.log("Processor time, ms");
  console.table(rowsOf(times, ({ cpuMs }) => cpuMs));
  console.log("By the clock, ms");
  console.table(rowsOf(times, ({ ms }) => ms));
}

/** All take their turn in each round: noise hits all of them. */
async function timesOf(
  programs: readonly Program[],
  rounds: number,
): Promise<Map<string, Round[]>> {
  const times = new Map(programs.map(({ name }) => [name, [] as Round[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, start, startOwn } of programs) {
      const sesame = await start();
      times.get(name)?.push({ sesame, own: await startOwn?.() });
    }
  }
  return times;
}

/** Medians; ratios are within a round. */
function rowsOf(
  times: ReadonlyMap<string, readonly Round[]>,
  of: (time: Time) => number,
): Record<string, Record<string, string>> {
  const whole = (start?: Start) => start && of(start.whole);
  const peers = times.get(PEER)?.map(({ own }) => whole(own)) ?? [];
  return Object.fromEntries(
    [...times].map(([name, rounds]) => {
      const sesame = rounds.map((round) => of(round.sesame.whole));
      const own = rounds.map((round) => whole(round.own));
      const phases = PHASES.map((phase) => [
        phase,
        median(
          rounds.map(({ sesame }) => {
            const time = sesame.phases[phase];
            return time && of(time);
          }),
          1,
        ),
      ]);
      return [name, {
        whole: median(sesame, 1),
        ...Object.fromEntries(phases),
        "own tls": median(own, 1),
        "to it": median(ratios(sesame, own), 2),
        [`to ${PEER}'s`]: median(ratios(sesame, peers), 2),
      }];
    }),
  );
}

function ratios(
  figures: readonly number[],
  others: readonly (number | undefined)[],
): (number | undefined)[] {
  return figures.map((figure, round) => {
    const other = others[round];
    return other && figure / other;
  });
}

function median(
  figures: readonly (number | undefined)[],
  digits: number,
): string {
  const sorted = figures.filter((figure) => figure !== undefined)
    .sort((a, b) => a - b);
  return sorted[sorted.length >> 1]?.toFixed(digits) ?? "-";
}
