import { assert, assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ajv2020 } from "ajv/dist/2020.js";
import { auditJson } from "../../../src/audit/report/json.ts";
import { hostileReport, realReport, reports } from "./sample.ts";

const SCHEMA = JSON.parse(
  await Deno.readTextFile(
    new URL("../../../docs/audit.schema.json", import.meta.url),
  ),
);
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  .compile(SCHEMA);

/** What `JSON.parse` makes of the JSON of reports. */
function parsed(of = reports()): ReturnType<typeof auditJson> {
  return JSON.parse(JSON.stringify(auditJson(of)));
}

describe("auditJson", () => {
  it("is as docs/audit.schema.json says, and with no other field", async () => {
    const strict = structuredClone(SCHEMA);
    for (const name of ["server", "finding", "evidence"]) {
      strict.$defs[name].additionalProperties = false;
    }
    const isStrict = new Ajv2020({ allowUnionTypes: true }).compile(strict);
    const real = await realReport();
    assert(real.findings.some(({ verdict }) => verdict === "warn"));
    for (const some of [reports(), [], [hostileReport()], [real]]) {
      assert(isStrict(parsed(some)), JSON.stringify(isStrict.errors));
    }
  });

  it("has a schema that refuses other output", () => {
    const { servers: [server, ...others], ...rest } = parsed();
    assert(server !== undefined);
    const { counts: _, ...uncounted } = server;
    assertFalse(validate({ ...rest, servers: [uncounted] }));
    assertFalse(validate({ ...rest, version: 2, servers: others }));
    const [finding] = server.findings;
    const odd = { ...server, findings: [{ ...finding, verdict: "maybe" }] };
    assertFalse(validate({ ...rest, servers: [odd] }));
  });

  it("has what the findings have, and counts them", () => {
    const [server, absent] = parsed().servers;
    assertEquals(server?.counts, {
      "fail": 3,
      "warn": 1,
      "inconclusive": 1,
      "pass": 2,
      "not applicable": 2,
    });
    assertEquals([server?.connections, server?.ms], [27, 111.1]);
    const whole = reports().map((report) => ({
      ...report,
      connections: 40,
      ms: 200.04,
      startedAt: Date.UTC(2026, 10, 27, 8, 40, 59),
    }));
    const [all] = parsed(whole).servers;
    assertEquals(all?.startedAt, "2026-11-27T08:40:59.000Z");
    assertEquals(server?.startedAt, null);
    assertEquals([all?.connections, all?.ms], [40, 200]);
    const [, failed] = server?.findings ?? [];
    assertEquals(failed?.facts, {
      resumed: true,
      lifetimeSeconds: 7_200,
      names: ["a", "b"],
    });
    assertEquals(failed?.ms, 12.3);
    assert(failed?.evidence[0]?.ladder.includes("ClientHello"));
    assertEquals(absent?.failure, "Connection refused (os error 111)");
  });

  it("shows the connections of fail, warn and inconclusive, and no others", () => {
    const [server] = parsed([hostileReport()]).servers;
    assertEquals(
      server?.findings.map(({ evidence }) => evidence.length),
      [1, 1, 1, 0, 0],
    );
  });
});
