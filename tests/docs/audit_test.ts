/** docs/audit.md and docs/probes.md: they say what the probes say, and their tests run. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { probes } from "@sesame/tls/audit";
import { probesPage } from "../../docs/site/probes.ts";
import { runCli } from "../support/cli.ts";
import { serve } from "../support/listeners.ts";
import { run } from "../support/programs.ts";
import { Folder } from "../support/temp_folder.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = Deno.readTextFileSync(new URL("docs/audit.md", ROOT));

describe("docs/probes.md", () => {
  it("is made of the probes (deno task site --probes)", async () => {
    const page = await Deno.readTextFile(new URL("docs/probes.md", ROOT));
    assertEquals(page, await probesPage());
  });

  it("has all that a probe must tell", () => {
    for (const { id, title, advice, explain, references } of probes) {
      assertMatch(id, /^[a-z-]+\/[a-z0-9-]+$/);
      assertMatch(title, /^[A-Z].*[^.]$/, `${id}: title`);
      assertMatch(advice, /^[A-Z].*[^.]$/, `${id}: advice`);
      for (const [part, text] of Object.entries(explain)) {
        assertMatch(text, /^[A-Z\d(].*\.$/, `${id}: explain.${part}`);
      }
      assert(references.length > 0, `${id}: references`);
      for (const reference of references) {
        assertMatch(
          reference,
          /^(RFC \d+(, [\w.]+)?|CVE-\d{4}-\d+|Envoy \d+|draft-[a-z-]+)$/,
        );
      }
    }
    assertEquals(new Set(probes.map(({ id }) => id)).size, probes.length);
  });
});

describe("docs/audit.md", () => {
  it("explains each verdict, severity and family", () => {
    const columns = [...PAGE.matchAll(/^\| `([\w -]+)` +\|/gm)]
      .map(([, name]) => name);
    assertEquals(columns, [
      ...["fail", "warn", "inconclusive", "pass", "not applicable"],
      ...["critical", "high", "medium", "low", "info"],
      ...new Set(probes.map(({ id }) => id.split("/")[0] ?? "")),
    ]);
  });

  it("has options that there are", async () => {
    const { stdout: help } = await runCli(["audit", "--help"]);
    const flags = PAGE
      .match(/(?<=[\s`])--[a-z][a-z-]+/g) ?? [];
    assert(flags.length > 10);
    assertEquals(flags.filter((flag) => !help.includes(flag)), []);
  });

  for (const [i, language] of ["Deno", "Node"].entries()) {
    it(`has a test of ${language}'s that passes, and fails on a bad server`, async () => {
      await using folder = await Folder.make();
      using good = serve({ sessions: new MemorySessionStore() });
      // It resumes nothing, which is a warning of low severity.
      using bad = serve({ tickets: "off" });
      const file = folder.path("audit_test.ts");
      const outcomes: boolean[] = [];
      for (const { addr } of [good, bad]) {
        await Deno.writeTextFile(file, testOf(i, addr.port));
        const { code, stdout } = await run(Deno.execPath(), [
          ...["test", "-A", "--no-check", "--no-prompt"],
          ...["--config", new URL("deno.json", ROOT).pathname, file],
        ]);
        assertMatch(stdout, /sessions are resumed safely/);
        outcomes.push(code === 0);
      }
      assertEquals(outcomes, [true, false]);
    });
  }
});

/** A test of the page, for another port, of one probe and to the last warning. */
function testOf(i: number, port: number): string {
  const blocks = [...PAGE.matchAll(/^```(?:ts|js) ignore\n(.*?)^```$/gms)];
  const [, code = ""] = blocks[i] ?? [];
  return code.replace("8443", String(port))
    .replaceAll(
      'hostname: "localhost"',
      'hostname: "127.0.0.1", probes: ["behaviour/kinds"]',
    )
    .replace('"localhost")', '"127.0.0.1")')
    .replace('"medium"', '"warn"');
}
