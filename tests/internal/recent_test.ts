import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Recent } from "../../src/internal/recent.ts";

it("Recent keeps so many values, the latest, of texts that aren't long", () => {
  const recent = new Recent<number>(2, 3);
  let computed = 0;
  const get = (text: string): number => recent.get(text, () => ++computed);
  assertEquals([get("a"), get("b"), get("a")], [1, 2, 1]);
  assertEquals([get("c"), get("b"), get("a")], [3, 2, 4]);
  assertEquals([get("long"), get("long")], [5, 6]);
});
