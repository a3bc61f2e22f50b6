import { defined } from "./validation.ts";
import type { Observation } from "./connection.ts";
import type { ScenarioExpectation } from "./types.ts";
import type { Trace } from "../trace.ts";

/** Something that isn't as a scenario says. */
export interface ScenarioMismatch {
  /** Of which connection, counted from 1; `null` for all of them together. */
  readonly connection: number | null;
  /** Which expectation; `null` for what must never be, such as ends that disagree. */
  readonly expectation: keyof ScenarioExpectation | null;
  /** What it is, in words. */
  readonly text: string;
}

/** What became of a scenario. */
export interface ScenarioReport {
  /** The scenario's name. */
  readonly name: string;
  /** With it the same happens again. */
  readonly seed: string;
  /** Whether all was as expected. */
  readonly ok: boolean;
  /** All that wasn't. */
  readonly mismatches: readonly ScenarioMismatch[];
  /** What was seen of each connection; `null` where the client didn't begin. */
  readonly traces: readonly (Trace | null)[];
  /** The mismatches in words, with the seed and the ladders of their connections. */
  toString(): string;
}

/** All that isn't as expected of a connection. */
export function compare(
  connection: number,
  expected: ScenarioExpectation,
  { facts, faults }: Observation,
): ScenarioMismatch[] {
  const mismatches: ScenarioMismatch[] = [];
  for (
    const name of Object.keys(defined(expected)) as (
      keyof typeof expected
    )[]
  ) {
    if (isAsExpected(name, expected[name], facts[name])) continue;
    mismatches.push({
      connection,
      expectation: name,
      text: `expected ${words(name)} ${show(expected[name])}, found ${
        show(facts[name])
      }`,
    });
  }
  for (const text of faults) {
    mismatches.push({ connection, expectation: null, text });
  }
  return mismatches;
}

/** A report of all connections. */
export function reportOf(
  name: string,
  seed: string,
  mismatches: readonly ScenarioMismatch[],
  traces: readonly (Trace | null)[],
): ScenarioReport {
  const ok = mismatches.length === 0;
  return {
    name,
    seed,
    ok,
    mismatches,
    traces,
    toString: () =>
      ok
        ? `Scenario "${name}": as expected (seed ${JSON.stringify(seed)})`
        : failure(name, seed, mismatches, traces),
  };
}

function failure(
  name: string,
  seed: string,
  mismatches: readonly ScenarioMismatch[],
  traces: readonly (Trace | null)[],
): string {
  const lines = mismatches.map(({ connection, text }) =>
    `  ${connection === null ? "in all" : `connection ${connection}`}: ${text}`
  );
  const ladders = traces.flatMap((trace, i) => {
    const isMeant = mismatches.some(({ connection }) =>
      connection === null || connection === i + 1
    );
    if (!isMeant) return [];
    return `Connection ${i + 1}:\n${
      trace ? trace.toLadder() : "  The client didn't begin."
    }`;
  });
  return [
    `Scenario "${name}" (seed ${JSON.stringify(seed)}):`,
    ...lines,
    "",
    ladders.join("\n\n"),
  ].join("\n");
}

function isAsExpected(
  name: keyof ScenarioExpectation,
  expected: unknown,
  found: unknown,
): boolean {
  if (name === "clientError" || name === "serverError") {
    return typeof expected === "string" && typeof found === "string"
      ? found.includes(expected)
      : expected === found;
  }
  return show(expected) === show(found);
}

/** The name of an expectation as words: `clientError` is "client error". */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value !== "object") return JSON.stringify(value);
  const { from, name } = value as { from: string; name: string };
  return `${name} from the ${from}`;
}
