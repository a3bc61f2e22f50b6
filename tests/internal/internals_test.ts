import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Internals } from "../../src/internal/internals.ts";

class Box {}

describe("Internals", () => {
  it("keeps and replaces what is set for an instance", () => {
    const internals = new Internals<number>("Box");
    const box = new Box();
    internals.set(box, 1);
    internals.set(box, 2);
    assertEquals(internals.get(box), 2);
    assertEquals(Reflect.ownKeys(box), []);
  });

  it("keeps what is set for a class", () => {
    const internals = new Internals<() => Box>("typeof Box");
    internals.set(Box, () => new Box());
    assert(internals.get(Box)() instanceof Box);
  });

  it("refuses what nothing is set for", () => {
    const internals = new Internals<number>("Box");
    internals.set(new Box(), 1);
    for (const value of [null, undefined, 1, "box", {}, () => {}, new Box()]) {
      assert(!internals.has(value));
    }
    assertThrows(
      () => internals.get(new Box()),
      TypeError,
      "Expected an instance of Box",
    );
  });
});
