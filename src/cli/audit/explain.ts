import {
  type AuditExtent,
  chosenProbes,
  type Probe,
  probes,
} from "../../audit/mod.ts";
import { asUsageError, isOptionError } from "../option_errors.ts";
import { wrapped } from "./wrap.ts";

/** What the number of connections is told for, where it depends on that. */
const EXTENT: AuditExtent = { nodes: 1, samples: 8 };

const NEEDS: Readonly<Record<Probe["needs"][number], string>> = {
  otherName: "a second name (--name twice)",
  certificate: "a client certificate (--cert and --key)",
  otherCertificate: "two client certificates (--cert and --key twice)",
  otherNode: "a second address (--node twice, or a name with several)",
  clock: "a clock that can be moved: auditContext in a test",
  change: "somebody who changes the server meanwhile (--pause)",
};

const KINDS: Readonly<Record<Probe["kinds"][number], string>> = {
  "tls1.2-id": "TLS 1.2 by id",
  "tls1.2-ticket": "TLS 1.2 by ticket",
  "tls1.3": "TLS 1.3",
};

/** All probes: an id and a title in each line. */
export function probesText(): string {
  const width = Math.max(...probes.map(({ id }) => id.length));
  return probes.map(({ id, title }) => `${id.padEnd(width)}  ${title}`)
    .join("\n");
}

/**
 * What probes do, and why.
 *
 * @param name The id of a probe, or a family.
 * @throws {UsageError} If there is none of this name.
 */
export function explanation(name: string): string {
  return selected(name).map(explained).join("\n\n");
}

function selected(name: string): readonly Probe[] {
  try {
    return chosenProbes([name]);
  } catch (error) {
    throw isOptionError(error)
      ? asUsageError(error, { probes: "--explain" })
      : error;
  }
}

function explained(probe: Probe): string {
  const { id, title, severity, kinds, needs, explain } = probe;
  const { connections, references, advice } = probe;
  const count = typeof connections === "number"
    ? `${connections}`
    : `${connections(EXTENT)} (with one address and 8 samples)`;
  return [
    `${id}: ${title}`,
    ...field("Kinds", kinds.map((kind) => KINDS[kind]).join(", ")),
    ...field("Severity", severity),
    ...field("Needs", needs.map((need) => NEEDS[need]).join("; ")),
    ...field(
      "Connections",
      `at most ${count}${kinds.length > 1 ? " for each kind" : ""}`,
    ),
    ...field("Sends", explain.sends),
    ...field("Expects", explain.expects),
    ...field("Why", explain.why),
    ...field("To do", advice),
    ...field("See", references.join("; ")),
  ].join("\n");
}

/** A name and a text in lines of 80 columns; nothing without a text. */
function field(name: string, text: string): string[] {
  if (text === "") return [];
  const indent = " ".repeat("  Connections  ".length);
  return wrapped(text, 80 - indent.length).map((line, i) =>
    (i === 0 ? `  ${name}`.padEnd(indent.length) : indent) + line
  );
}
