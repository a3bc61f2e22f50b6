import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chosenProbes, probes } from "@sesame/tls/audit";

const chosen = (...names: string[]): string[] =>
  chosenProbes(names).map(({ id }) => id);

describe("chosenProbes", () => {
  it("takes ids and families, in the order of the list and once each", () => {
    assertEquals(chosenProbes(undefined), probes);
    assertEquals(chosen(), []);
    assertEquals(
      chosen("behaviour/tickets", "behaviour/kinds", "behaviour/tickets"),
      ["behaviour/kinds", "behaviour/tickets"],
    );
    const family = probes.filter(({ id }) => id.startsWith("behaviour/"));
    assertEquals(
      chosen("behaviour", "behaviour/tickets"),
      family.map(({ id }) => id),
    );
  });

  it("says what was probably meant", () => {
    const refused = (name: unknown, message: string): void => {
      assertThrows(() => chosen(name as string), TypeError, message);
    };
    refused("behaviour/tikets", "options.probes[0] must be the id");
    refused("behaviour/tikets", "did you mean behaviour/tickets?");
    refused("tickets", "did you mean behaviour/tickets?");
    refused("behavior", "did you mean behaviour?");
    refused("entirely-else", 'received "entirely-else"');
    refused("__proto__", "must be the id of a probe");
    refused("xyz", "the families are behaviour, isolation, proof, early-data");
    refused(7, "received 7");
    assertThrows(
      () => chosenProbes("proof" as unknown as string[]),
      TypeError,
      "options.probes must be an array",
    );
  });
});

describe("The probes", () => {
  it("are each of a family, and announce a bounded number of connections", () => {
    const families = [
      "behaviour",
      "isolation",
      "proof",
      "early-data",
      "robustness",
    ];
    const extent = { nodes: 3, samples: 8 };
    for (const { id, connections } of probes) {
      assert(families.includes(id.split("/")[0] ?? ""), id);
      const most = typeof connections === "number"
        ? connections
        : connections(extent);
      assert(Number.isInteger(most) && most >= 0 && most <= 200, id);
    }
  });
});
