import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { areEqual, concat } from "../../src/internal/bytes.ts";

describe("Bytes", () => {
  it("are equal where all of them are", () => {
    const bytes = new Uint8Array([1, 2]);
    assert(areEqual(bytes, new Uint8Array([1, 2])));
    assert(areEqual(new Uint8Array(), new Uint8Array()));
    for (const other of [[1], [1, 3], [0, 2], [1, 2, 0], []]) {
      assert(!areEqual(bytes, new Uint8Array(other)));
      assert(!areEqual(new Uint8Array(other), bytes));
    }
  });

  it("are joined in order", () => {
    assertEquals(
      concat([new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])]),
      new Uint8Array([1, 2, 3]),
    );
    assertEquals(concat([]), new Uint8Array());
  });
});
