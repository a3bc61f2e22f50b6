import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Revocations } from "../../../src/stores/encrypted/revocations.ts";

describe("Tags that were revoked", () => {
  it("are at most 4096: records as old as a dropped one are rejected", () => {
    const revocations = new Revocations();
    revocations.add("first", 0);
    for (let i = 1; i < 4096; i++) revocations.add(`tag ${i}`, i);
    assert(!revocations.covers("another", 0));
    revocations.add("one more", 4096);
    assert(revocations.covers("another", 0));
    assert(!revocations.covers("another", 1));
    assert(revocations.covers("first", 0));
  });
});
