import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { TagIndex } from "../../../src/stores/memory/tag_index.ts";

it("TagIndex keeps no tag whose entries have all gone", () => {
  const index = new TagIndex<{ tag: string | undefined }>();
  const [one, other, untagged] = [
    { tag: "a" },
    { tag: "a" },
    { tag: undefined },
  ] as const;
  for (const entry of [one, other, untagged]) index.add(entry);
  assertEquals([index.size, index.of("a")], [1, [one, other]]);
  for (const entry of [one, untagged]) index.remove(entry);
  assertEquals([index.size, index.of("a")], [1, [other]]);
  index.remove(other);
  assertEquals([index.size, index.of("a")], [0, []]);
});
