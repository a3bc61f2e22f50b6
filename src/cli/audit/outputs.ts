import {
  auditHtml,
  auditJson,
  auditJUnit,
  type AuditReport,
  auditTable,
} from "../../audit/mod.ts";
import { openOutputFile, writeAll } from "../files.ts";
import { jsonText } from "../format.ts";
import { OutputClosed } from "../output_closed.ts";
import { usageError } from "../usage_error.ts";
import type { AuditFlags } from "./flags.ts";

/** The columns of a table, and the fewest. */
const WIDTH = 80;
const MIN_WIDTH = 42;

/** The files of an audit, which are opened before it begins. */
export class AuditOutputs implements Disposable {
  readonly #flags: AuditFlags;
  readonly #files = new Map<string, Deno.FsFile>();

  /**
   * Opens the files that the flags name.
   *
   * @throws {UsageError} If one can't be written.
   */
  constructor(flags: AuditFlags) {
    this.#flags = flags;
    for (const name of ["json", "html", "junit"] as const) {
      const path = flags[name];
      if (typeof path !== "string") continue;
      try {
        this.#files.set(name, openOutputFile(path, { isSecret: false }));
      } catch (error) {
        this[Symbol.dispose]();
        throw usageError(`write --${name} ${path}`, error);
      }
    }
  }

  /** Writes the reports: to the files, and to standard output. */
  write(reports: readonly AuditReport[]): void {
    const { json, failOn } = this.#flags;
    this.#write("json", () => `${jsonText(auditJson(reports))}\n`);
    this.#write("html", () => auditHtml(reports));
    this.#write("junit", () => auditJUnit(reports, { failOn }));
    const text = json === true
      ? jsonText(auditJson(reports))
      : auditTable(reports, tableOptions(this.#flags));
    try {
      writeAll(Deno.stdout, new TextEncoder().encode(`${text}\n`));
    } catch (error) {
      throw OutputClosed.from(error);
    }
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file.close();
  }

  #write(name: "json" | "html" | "junit", make: () => string): void {
    const file = this.#files.get(name);
    if (file) writeAll(file, new TextEncoder().encode(make()));
  }
}

/** Colours are for terminals, unless NO_COLOR is set. */
function tableOptions(
  { ladders = false }: AuditFlags,
): NonNullable<Parameters<typeof auditTable>[1]> {
  if (!Deno.stdout.isTerminal()) return { ladders };
  const width = Math.max(
    MIN_WIDTH,
    Math.min(WIDTH, Deno.consoleSize().columns),
  );
  return { ladders, width, color: !Deno.noColor };
}
