/** What the functions that make reports refuse, so that a mistake isn't taken for a good report. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  auditHtml,
  auditJson,
  auditJUnit,
  type AuditReport,
  auditTable,
  FAIL_ON,
  type FailOn,
  failsOn,
} from "@sesame/tls/audit";
import { finding, findings } from "./sample.ts";

const MAKERS = { auditHtml, auditJson, auditJUnit, auditTable };

const good: AuditReport = { server: "a", findings: [] };

/** What is passed for reports, and the error. */
const WRONG: Readonly<Record<string, unknown>> = {
  "reports must be an array, received undefined": undefined,
  "reports must be an array, received an object": good,
  "reports[0].server must be a string, received undefined": findings(),
  "reports[1].server must be a string, received undefined": [good, null],
  "reports[0].findings must be an array of findings, received an object": [
    { ...good, findings: {} },
  ],
  "reports[0].failure must be a string, received an object of class Error": [
    { ...good, failure: new Error("refused") },
  ],
  'reports[0].connections must be a number, received "3"': [
    { ...good, connections: "3" },
  ],
  'reports[0].ms must be a number, received "3"': [{ ...good, ms: "3" }],
  "reports[0].startedAt must be a number, received an object of class Date": [
    { ...good, startedAt: new Date(0) },
  ],
};

for (const [name, make] of Object.entries(MAKERS)) {
  describe(name, () => {
    for (const [message, reports] of Object.entries(WRONG)) {
      it(`says that ${message}`, () => {
        const made = (): unknown => make(reports as AuditReport[]);
        assertEquals(assertThrows(made, TypeError).message, message);
      });
    }

    it("refuses a start that is no time", () => {
      for (const startedAt of [NaN, -1, 1.5, 8.64e15 + 1]) {
        assertThrows(
          () => make([good, { ...good, startedAt }]),
          RangeError,
          "reports[1].startedAt must be a whole number from 0 to",
        );
      }
    });
  });
}

describe("failsOn", () => {
  it("refuses a level that there isn't, by which nothing would fail", () => {
    for (const level of ["hihg", "", undefined, "toString"]) {
      assertThrows(
        () => failsOn(finding({ verdict: "fail" }), level as FailOn),
        TypeError,
        `level must be one of ${FAIL_ON.join(", ")}, received `,
      );
    }
  });
});
