/**
 * `deno task test:audit`: audits of real servers, which are Debian's and started here on
 * loopback, each configuration twice. It passes if both audits find the same, and what is
 * expected. What only one of them can't tell is probed a third time.
 *
 * `--record` writes what is expected (`expected/`), and the docs that are made of it; `--docs`
 * writes the docs alone. `--server NAME` and `--configuration NAME` are for one of them, `--show`
 * prints what was found, `--times 1` audits once. The last line is "N passed, N failed", and
 * ", N skipped" if any were: what is missing is skipped, but where the variable `CI` is `true` it
 * has failed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { whyMissing } from "../../support/servers/daemon.ts";
import { Tally } from "../../support/tally.ts";
import { auditsOf, differences, verdictsOf } from "./audits.ts";
import { startBackend } from "./backend.ts";
import { expectedOf, record, type Verdicts } from "./expected.ts";
import { SERVERS } from "./kinds/mod.ts";
import { serversPage, withTable } from "./page.ts";
import { type AuditedServer, type Configuration, versionOf } from "./server.ts";

const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));
/** How many servers are audited at the same time: they mostly wait. */
const CONCURRENCY = 4;

const { values } = parseArgs({
  options: {
    server: { type: "string" },
    configuration: { type: "string" },
    docs: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
    times: { type: "string", default: "2" },
  },
});

if (values.docs) {
  await writeDocs();
  Deno.exit();
}
const tally = new Tally();
const backend = startBackend();
const waiting = SERVERS.filter(({ name }) =>
  name.toLowerCase().startsWith((values.server ?? "").toLowerCase())
);
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (;;) {
      const server = waiting.shift();
      if (server === undefined) return;
      await auditAll(server);
    }
  }),
);
await backend[Symbol.asyncDispose]();
if (values.record) await writeDocs();
tally.end();

async function writeDocs(): Promise<void> {
  await Deno.writeTextFile(`${DOCS}audited-servers.md`, await serversPage());
  const page = `${DOCS}audit.md`;
  await Deno.writeTextFile(
    page,
    await withTable(await Deno.readTextFile(page)),
  );
}

/** Audits the configurations of a server, one after the other. */
async function auditAll(server: AuditedServer): Promise<void> {
  const missing = whyMissing(server);
  if (missing !== undefined) return tally.skip(server.name, missing);
  const found = new Map<string, Verdicts>();
  for (const configuration of server.configurations) {
    const { name } = configuration;
    if (!name.startsWith(values.configuration ?? "")) continue;
    const verdicts = await auditTwice(server, configuration);
    if (verdicts !== undefined) found.set(name, verdicts);
  }
  if (values.record && found.size === server.configurations.length) {
    record(server, {
      version: await versionOf(server),
      configurations: found,
    });
  }
}

/** Audits a configuration, and says what is unexpected. */
async function auditTwice(
  server: AuditedServer,
  configuration: Configuration,
): Promise<Verdicts | undefined> {
  const begin = performance.now();
  const title = `${server.name}, ${configuration.name}`;
  try {
    const audits = await auditsOf(server, configuration, {
      times: Number(values.times),
      backend: backend.port,
      onAgain: ({ probe, kind, summary }) =>
        console.log(`${title}  again: ${probe} ${kind ?? ""}: ${summary}`),
    });
    const [first = new Map(), second = first] = audits.map(verdictsOf);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const expected = expectedOf(server)?.configurations.get(configuration.name);
    const wrong = [
      ...differences(server, [first, second], audits).map((line) =>
        `not the same: ${line}`
      ),
      ...(values.record
        ? []
        : differences(server, [first, expected ?? new Map()], audits))
        .map((line) => `not expected: ${line}`),
    ];
    tally.add(wrong.length === 0);
    console.log(
      `${title}  ${seconds} s  ${
        wrong.length === 0
          ? "as expected"
          : `FAILED (${await versionOf(server)}, recorded of ${
            expectedOf(server)?.version
          }):\n  ${wrong.join("\n  ")}`
      }`,
    );
    if (values.show) {
      for (const { probe, kind, verdict, summary, ms } of audits[0] ?? []) {
        console.log(
          `  ${verdict.padEnd(14)} ${probe} ${kind ?? ""} (${
            Math.round(ms)
          } ms): ${summary}`,
        );
      }
    }
    return first;
  } catch (error) {
    tally.add(false);
    console.log(`${title}  FAILED:`, error);
    return undefined;
  }
}
