import { defined } from "./validation.ts";
import type { Observation } from "./connection.ts";
import type { ScenarioExpectation } from "./types.ts";
import type { Trace } from "../trace.ts";

/** A difference between a scenario's expectations and what happened. */
export interface ScenarioMismatch {
  /** The number of the connection, from 1; `null` for the scenario as a whole. */
  readonly connection: number | null;
  /** The expectation; `null` for a violation that no expectation allows. */
  readonly expectation: keyof ScenarioExpectation | null;
  /** The mismatch as text. */
  readonly text: string;
}

/** The result of a scenario. */
export interface ScenarioReport {
  /** The scenario's name. */
  readonly name: string;
  /** The seed that it ran with. */
  readonly seed: string;
  /** Whether there is no mismatch. */
  readonly ok: boolean;
  /** The mismatches. */
  readonly mismatches: readonly ScenarioMismatch[];
  /** The trace of each connection; `null` if the client didn't connect. */
  readonly traces: readonly (Trace | null)[];
  /** The mismatches as text, with the seed and the ladder diagrams of their connections. */
  toString(): string;
}

/** The mismatches of a connection. */
export function compare(
  connection: number,
  expected: ScenarioExpectation,
  { facts, violations }: Observation,
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
  for (const text of violations) {
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
    `  ${
      connection === null ? "scenario" : `connection ${connection}`
    }: ${text}`
  );
  const ladders = traces.flatMap((trace, i) => {
    const isMeant = mismatches.some(({ connection }) =>
      connection === null || connection === i + 1
    );
    if (!isMeant) return [];
    return `Connection ${i + 1}:\n${
      trace ? trace.toLadder() : "  The client didn't connect."
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

/** The name of an expectation in words: `clientError` is "client error". */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value !== "object") return JSON.stringify(value);
  const { from, name } = value as { from: string; name: string };
  return `${name} from the ${from}`;
}
