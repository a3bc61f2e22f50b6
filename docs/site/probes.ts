/**
 * docs/probes.md, made of the probes of `@sesame/tls/audit`.
 *
 * @module
 */
import { formatted } from "./formatted.ts";
import { type Probe, type ProbeFamily, probes } from "../../src/audit/mod.ts";

/** What each family is about. */
const FAMILIES: Readonly<Record<ProbeFamily, string>> = {
  "behaviour":
    "What the server does: which sessions it gives, and whether it resumes them.",
  "isolation":
    "Whether a session is resumed where it doesn't belong: under another name, for another client, on other terms.",
  "proof":
    "Whether the server demands the proof that the client has the session's keys, and for how long it believes a session.",
  "early-data":
    "Whether early data is accepted once, and no more of it than was allowed.",
  "robustness": "Whether hellos of unusual form resume as others do.",
};

/** The kinds of resumption, in words. */
export const KINDS: Readonly<Record<Probe["kinds"][number], string>> = {
  "tls1.2-id": "TLS 1.2 by id",
  "tls1.2-ticket": "TLS 1.2 by ticket",
  "tls1.3": "TLS 1.3",
};

const NEEDS: Readonly<Record<Probe["needs"][number], string>> = {
  otherName: "a second name (`--name` twice)",
  certificate: "a client certificate (`--cert`, `--key`)",
  otherCertificate: "two client certificates (`--cert`, `--key` twice)",
  otherNode: "a second address (`--node` twice)",
  clock: "a clock that can be moved (`auditContext`)",
  change: "a server that is changed meanwhile (`--pause`)",
};

/** The page, formatted. */
export async function probesPage(): Promise<string> {
  const families = Object.keys(FAMILIES) as ProbeFamily[];
  const page = `# The probes

What each probe of [an audit](audit.md) sends, what should come back, and what
it means if it doesn't. \`sesame audit --explain\` and the id prints the same.
This page is made by \`deno task site --probes\`.

${families.map(familyText).join("\n")}`;
  return await formatted(page);
}

function familyText(family: ProbeFamily): string {
  const own = probes.filter(({ id }) => id.startsWith(`${family}/`));
  return `## ${family}\n\n${FAMILIES[family]}\n\n${
    own.map(probeText).join("")
  }`;
}

function probeText(probe: Probe): string {
  const { id, title, severity, kinds, needs, explain } = probe;
  const terms = [
    `severity ${severity}`,
    ...kinds.map((kind) => KINDS[kind]),
    ...needs.map((need) => `needs ${NEEDS[need]}`),
  ];
  return `### ${id}

**${plain(title)}** (${terms.join("; ")})

- Sends: ${plain(explain.sends)}
- Expects: ${plain(explain.expects)}
- Why: ${plain(explain.why)}
- To do: ${plain(probe.advice)}
- See: ${probe.references.join("; ")}

`;
}

/** Text that Markdown shows as it is; backticks are code in both. */
function plain(text: string): string {
  return text.replaceAll(/[<>*]/g, (character) => `\\${character}`);
}
