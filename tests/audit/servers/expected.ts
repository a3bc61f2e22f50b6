/**
 * What audits are expected to find: `expected/NAME.txt`, a line for each probe and kind, a
 * column for each configuration.
 *
 * @module
 */
import type { Verdict } from "../../../src/audit/finding.ts";
import type { AuditedServer } from "./server.ts";

const FOLDER = new URL("expected/", import.meta.url);
const COLUMN = / {2,}/;
/** What a configuration that has probes of its own isn't audited with. */
const NOT_AUDITED = "-";

/** The verdicts on one configuration: `"isolation/other-name tls1.3"` has the first's. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** What is expected of a server. */
export interface Expected {
  /** The version that it was recorded of. */
  readonly version: string;
  /** By the names of configurations. */
  readonly configurations: ReadonlyMap<string, Verdicts>;
}

/** What is expected of a server, if it was recorded. */
export function expectedOf({ name }: AuditedServer): Expected | undefined {
  const lines = readLines(fileOf(name));
  if (lines === undefined) return undefined;
  const [version = "", header = "", ...rows] = lines;
  const [, , ...names] = header.split(COLUMN);
  const configurations = new Map(
    names.map((name) => [name, new Map<string, Verdict>()]),
  );
  for (const row of rows) {
    const [probe = "", kind = "", ...verdicts] = row.split(COLUMN);
    for (const [index, name] of names.entries()) {
      const verdict = verdicts[index];
      if (verdict === NOT_AUDITED) continue;
      if (!isVerdict(verdict)) throw new Error(`No verdict: ${row}`);
      configurations.get(name)?.set(`${probe} ${kind}`, verdict);
    }
  }
  return { version, configurations };
}

/** Writes what is expected of a server. */
export function record({ name }: AuditedServer, expected: Expected): void {
  const { version, configurations } = expected;
  const keys = new Set(
    [...configurations.values()].flatMap((verdicts) => [...verdicts.keys()]),
  );
  const rows = [
    ["probe", "kind", ...configurations.keys()],
    ...[...keys].toSorted().map((key) => [
      ...key.split(" "),
      ...[...configurations.values()].map((verdicts) =>
        verdicts.get(key) ?? NOT_AUDITED
      ),
    ]),
  ];
  const widths =
    rows[0]?.map((_, column) =>
      Math.max(...rows.map((row) => row[column]?.length ?? 0))
    ) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd()
  );
  Deno.mkdirSync(FOLDER, { recursive: true });
  Deno.writeTextFileSync(
    fileOf(name),
    [version, ...lines, ""].join("\n"),
  );
}

function fileOf(name: string): URL {
  const file = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")
    .replace(/_$/, "");
  return new URL(`${file}.txt`, FOLDER);
}

function readLines(file: URL): string[] | undefined {
  try {
    return Deno.readTextFileSync(file).trimEnd().split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const VERDICTS: Readonly<Record<Verdict, true>> = {
  "pass": true,
  "fail": true,
  "warn": true,
  "not applicable": true,
  "inconclusive": true,
};

function isVerdict(text: string | undefined): text is Verdict {
  return text !== undefined && text in VERDICTS;
}

/** Whether there is anything to say about what a probe found, of all kinds or some. */
export function isFound(
  verdicts: Verdicts,
  probe: string,
  kinds?: readonly string[],
): boolean {
  return [...verdicts].some(([key, verdict]) => {
    const [id = "", kind = ""] = key.split(" ");
    return id === probe && (kinds?.includes(kind) ?? true) &&
      isFinding(verdict);
  });
}

/** Whether a verdict is to be explained. */
export function isFinding(verdict: Verdict): boolean {
  return verdict !== "pass" && verdict !== "not applicable";
}
