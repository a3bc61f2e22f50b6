import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { similarName } from "../internal/similar_name.ts";
import type { Probe } from "./probe.ts";
import { probes } from "./probes/mod.ts";

/**
 * The probes with these ids, or of these families, in the order of the list.
 *
 * @throws {TypeError} If there is no such probe: the message says which was probably meant.
 */
export function chosenProbes(
  names: readonly string[] | undefined,
): readonly Probe[] {
  if (names === undefined) return probes;
  if (!Array.isArray(names)) {
    throw optionTypeError(
      "probes",
      `must be an array of ids or families, received ${received(names)}`,
    );
  }
  const known = new Set(probes.flatMap(({ id }) => [id, familyOf(id)]));
  names.forEach((name: unknown, i) => {
    if (typeof name === "string" && known.has(name)) return;
    throw optionTypeError(["probes", i], notOne(name, [...known]));
  });
  const chosen = new Set(names);
  return probes.filter(({ id }) => chosen.has(id) || chosen.has(familyOf(id)));
}

function familyOf(id: string): string {
  return id.split("/")[0] ?? id;
}

function notOne(name: unknown, known: readonly string[]): string {
  if (typeof name !== "string") {
    return `must be a string, received ${received(name)}`;
  }
  const short = (id: string): string => id.split("/")[1] ?? id;
  const meant = similarName(name, known) ??
    known.find((id) => similarName(short(name), [short(id)]) !== undefined);
  return `must be the id of a probe or a family, received ${received(name)}${
    meant === undefined
      ? `; the families are ${
        [...new Set(probes.map(({ id }) => familyOf(id)))].join(", ")
      }`
      : `; did you mean ${meant}?`
  }`;
}
