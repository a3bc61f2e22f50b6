import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { similarName } from "../internal/similar_name.ts";
import type { Probe } from "./probe.ts";

/**
 * The probes of a list that have one of the names, in the order of the list.
 *
 * @param names Ids of probes, or the names of families for all of theirs.
 * @throws {TypeError} If there is no such probe or family: it says what was probably meant.
 */
export function selectProbes(
  probes: readonly Probe[],
  names: readonly string[],
): Probe[] {
  if (!Array.isArray(names)) {
    throw optionTypeError(
      "probes",
      `must be an array of ids of probes, received ${received(names)}`,
    );
  }
  for (const [i, name] of names.entries()) {
    if (probes.some((probe) => isNamed(probe, name))) continue;
    throw optionTypeError(
      ["probes", i],
      `must be the id or family of a probe, received ${received(name)}${
        hint(probes, name)
      }`,
    );
  }
  return probes.filter((probe) => names.some((name) => isNamed(probe, name)));
}

function isNamed({ id }: Probe, name: string): boolean {
  return id === name || familyOf(id) === name;
}

/** What was probably meant: an id, the id that ends so, or a family. */
function hint(probes: readonly Probe[], name: unknown): string {
  if (typeof name !== "string") return "";
  const ids = probes.map(({ id }) => id);
  const meant = ids.find((id) => id.endsWith(`/${name}`)) ??
    similarName(name, [...ids, ...new Set(ids.map(familyOf))]) ??
    ids.find((id) => similarName(name, [lastPart(id)]) !== undefined);
  return meant === undefined ? "" : `: did you mean ${meant}?`;
}

function familyOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function lastPart(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}
