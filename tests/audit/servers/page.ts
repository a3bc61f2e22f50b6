/**
 * What audits of real servers found, for the docs: made of `expected/` and of what the servers'
 * files say.
 *
 * @module
 */
import { probes, type Verdict } from "@sesame/tls/audit";
import { formatted } from "../../../docs/site/formatted.ts";
import { KINDS } from "../../../docs/site/probes.ts";
import {
  type Expected,
  expectedOf,
  isFound,
  type Verdicts,
} from "./expected.ts";
import { SERVERS } from "./kinds/mod.ts";
import type { AuditedServer, Configuration, Explained } from "./server.ts";

const ORDER: readonly Verdict[] = ["fail", "warn", "inconclusive"];
const BEGIN = "<!-- deno task test:audit -->\n";
const END = "<!-- end -->\n";

/** docs/audited-servers.md. */
export async function serversPage(): Promise<string> {
  return await formatted(`# What audits found

What [an audit](audit.md) finds on servers of Debian 12: with their default
configuration (*stock*), and with the directives named. Each was audited twice, with the same result.
\`deno task test:audit\` repeats it, and \`--record\` writes this page. Node.js is
the one of nodejs.org.

A finding in a test server, such as \`gnutls-serv\`, is one of its library's.

${SERVERS.map(serverText).join("\n")}`);
}

/** docs/audit.md, with the table of stock configurations. */
export async function withTable(page: string): Promise<string> {
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? "";
  const rows = SERVERS.map((server) => {
    const expected = expectedIn(server);
    const stock = expected.configurations.get("stock") ?? new Map();
    return `| [${server.name} ${expected.version}](audited-servers.md#${
      anchorOf(server, expected)
    }) | ${resumedIn(stock)} | ${
      foundIn(stock).map((id) => `\`${id}\``).join(", ") || "nothing"
    } |`;
  });
  return await formatted(`${before}${BEGIN}
| Server | Resumes | As Debian has it, \`fail\` or \`warn\` |
| --- | --- | --- |
${rows.join("\n")}

${END}${after}`);
}

function serverText(server: AuditedServer): string {
  const expected = expectedIn(server);
  const findings = server.findings.flatMap((explained) =>
    findingText(explained, server, expected)
  );
  return `## ${server.name} ${expected.version}

${server.configurations.map(configurationText).join("\n")}

${findings.join("\n")}
`;
}

function configurationText(configuration: Configuration): string {
  const { name, directives, certificates, renewsKeys } = configuration;
  const terms = [
    ...directives.map((directive) => `\`${directive.trim()}\``),
    ...(certificates ? ["client certificates of a CA for each name"] : []),
    ...(renewsKeys ? ["other ticket keys with each change"] : []),
  ];
  return `- *${name}*: ${terms.join(", ") || "nothing set"}`;
}

function findingText(
  { probes: ids, kinds, in: where, varies, why, mend, goneIn }: Explained,
  { configurations }: AuditedServer,
  expected: Expected,
): string {
  const found = configurations.map(({ name }) => name)
    .filter((name) => where?.includes(name) ?? true)
    .map((name) => ({ name, verdicts: expected.configurations.get(name) }))
    .filter(({ verdicts }) =>
      varies ||
      verdicts && ids.some((id) => isFound(verdicts, id, kinds))
    );
  const what = ids.flatMap((id) => {
    const worst = worstOf(
      id,
      kinds,
      found.flatMap(({ verdicts }) => verdicts ?? []),
    );
    if (varies) return [`\`${id}\` (now and then)`];
    return worst === "" ? [] : [`\`${id}\` (${worst})`];
  });
  const gone = goneIn === undefined ? "" : ` Not found in *${goneIn}*.`;
  const mended = mend === undefined
    ? "No directive changes that."
    : `Remedy: ${mend}.${gone}`;
  return `- ${what.join(", ")}; in ${
    found.map(({ name }) => `*${name}*`).join(", ")
  }. ${why} ${mended}`;
}

/** `"fail: TLS 1.3; warn: TLS 1.2 by id"` */
function worstOf(
  id: string,
  only: readonly string[] | undefined,
  all: readonly Verdicts[],
): string {
  return ORDER.flatMap((verdict) => {
    const kinds = new Set(
      all.flatMap((verdicts) =>
        [...verdicts].filter(([key, value]) =>
          key.startsWith(`${id} `) && value === verdict
        ).map(([key]) => key.slice(id.length + 1))
          .filter((kind) => only?.includes(kind) ?? true)
      ),
    );
    if (kinds.size === 0) return [];
    const names = Object.entries(KINDS).filter(([kind]) => kinds.has(kind))
      .map(([, name]) => name);
    return [
      [verdict, ...(names.length > 0 ? [names.join(", ")] : [])].join(": "),
    ];
  }).join("; ");
}

function resumedIn(verdicts: Verdicts): string {
  const kinds = Object.entries(KINDS).filter(([kind]) => {
    const verdict = verdicts.get(`behaviour/reuse ${kind}`);
    return verdict !== undefined && verdict !== "not applicable";
  });
  return kinds.map(([, name]) => name).join(", ") || "nothing";
}

/** The ids of what was found, in the order of the probes. */
function foundIn(verdicts: Verdicts): string[] {
  return probes.map(({ id }) => id).filter((id) => isFound(verdicts, id));
}

function expectedIn(server: AuditedServer): Expected {
  const expected = expectedOf(server);
  if (expected === undefined) throw new Error(`Not recorded: ${server.name}`);
  return expected;
}

function anchorOf({ name }: AuditedServer, { version }: Expected): string {
  return `${name} ${version}`.toLowerCase().replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}
