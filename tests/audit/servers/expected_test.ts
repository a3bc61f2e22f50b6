/** What audits of real servers are expected to find: all of it is explained, and in the docs. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { probes } from "@sesame/tls/audit";
import { expectedOf, isFinding, isFound } from "./expected.ts";
import { SERVERS } from "./kinds/mod.ts";
import { serversPage, withTable } from "./page.ts";
import type { AuditedServer, Explained } from "./server.ts";

const DOCS = new URL("../../../docs/", import.meta.url);

for (const server of SERVERS) {
  const expected = expectedOf(server)?.configurations ?? new Map();

  describe(`The audits of ${server.name}`, () => {
    it("are recorded for each configuration and of today's probes", () => {
      assertEquals(
        [...expected.keys()],
        server.configurations.map(({ name }) => name),
      );
      const ids = new Set(probes.map(({ id }) => id));
      for (const verdicts of expected.values()) {
        for (const key of verdicts.keys()) {
          assert(ids.has(key.split(" ")[0] ?? ""), key);
        }
      }
    });

    it("find nothing that isn't explained", () => {
      const unexplained = [...expected].flatMap(([name, verdicts]) =>
        [...verdicts].filter(([key, verdict]) =>
          isFinding(verdict) && !isExplained(server, name, key)
        ).map(([key, verdict]) => `${name}: ${key}: ${verdict}`)
      );
      assertEquals(unexplained, []);
    });

    it("find all that is explained", () => {
      const certain = server.findings.filter(({ varies }) => !varies);
      const vain = certain.flatMap((explained) =>
        explained.probes.filter((id) =>
          !placesOf(server, explained).some((name) => {
            const verdicts = expected.get(name);
            return verdicts && isFound(verdicts, id, explained.kinds);
          })
        )
      );
      assertEquals(vain, []);
    });

    it("find nothing where it is mended", () => {
      const left = server.findings.flatMap(({ probes: ids, goneIn, kinds }) => {
        if (goneIn === undefined) return [];
        const verdicts = expected.get(goneIn);
        assert(verdicts, goneIn);
        return ids.filter((id) => {
          assert([...verdicts.keys()].some((key) => key.startsWith(`${id} `)));
          return isFound(verdicts, id, kinds);
        }).map((id) => `${goneIn}: ${id}`);
      });
      assertEquals(left, []);
    });
  });
}

describe("The docs of what audits found (deno task test:audit --record)", () => {
  it("are docs/audited-servers.md, made of what is recorded", async () => {
    const page = await Deno.readTextFile(new URL("audited-servers.md", DOCS));
    assertEquals(page, await serversPage());
  });

  it("have a table in docs/audit.md", async () => {
    const page = await Deno.readTextFile(new URL("audit.md", DOCS));
    assertEquals(page, await withTable(page));
  });
});

function isExplained(
  server: AuditedServer,
  configuration: string,
  key: string,
): boolean {
  const [id = "", kind] = key.split(" ");
  return server.findings.some((explained) =>
    explained.probes.includes(id) &&
    (explained.kinds?.some((one) => one === kind) ?? true) &&
    placesOf(server, explained).includes(configuration)
  );
}

/** The configurations that an explanation is for. */
function placesOf(
  { configurations }: AuditedServer,
  { in: where }: Explained,
): readonly string[] {
  return where ?? configurations.map(({ name }) => name);
}
