import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { selectProbes } from "../../src/audit/select_probes.ts";
import type { Probe } from "../../src/audit/probe.ts";

const PROBES = ["behaviour/tickets", "proof/binder", "proof/chain"].map((id) =>
  ({ id }) as Probe
);

const selected = (...names: string[]): string[] =>
  selectProbes(PROBES, names).map(({ id }) => id);

describe("selectProbes", () => {
  it("takes ids and families, in the order of the list and once each", () => {
    assertEquals(selected("proof/chain", "behaviour/tickets", "proof/chain"), [
      "behaviour/tickets",
      "proof/chain",
    ]);
    assertEquals(selected("proof", "proof/chain"), [
      "proof/binder",
      "proof/chain",
    ]);
    assertEquals(selected(), []);
  });

  it("says what was probably meant", () => {
    const refused = (name: unknown, message: string): void => {
      assertThrows(() => selected(name as string), TypeError, message);
    };
    refused("proof/bindr", "options.probes[0] must be");
    refused("proof/bindr", "did you mean proof/binder?");
    refused("tickets", "did you mean behaviour/tickets?");
    refused("tickts", "did you mean behaviour/tickets?");
    refused("behavior", "did you mean behaviour?");
    refused("entirely-else", 'received "entirely-else"');
    refused("__proto__", "must be the id or family");
    refused(7, "received 7");
    assertThrows(
      () => selectProbes(PROBES, "proof" as unknown as string[]),
      TypeError,
      "options.probes must be an array",
    );
  });
});
