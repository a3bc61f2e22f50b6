import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withLinksWithin } from "../../packaging/pages.ts";

const FILES = new Set(["README.md", "docs/a.md", "docs/b.md"]);

describe("The pages of npm's package", () => {
  for (
    const [page, text, expected] of [
      ["README.md", "[A](docs/a.md#one)", "[A](docs/a.md#one)"],
      ["docs/a.md", "[B](b.md), [up](../README.md)", undefined],
      ["docs/a.md", "[B](#one), [far](https://example.com/x.md)", undefined],
      ["README.md", "see [the figures](bench/README.md).", "see the figures."],
      ["README.md", "![a picture](docs/no.svg)", ""],
    ] as const
  ) {
    it(`have links within it: ${text}`, () => {
      assertEquals(withLinksWithin(page, text, FILES), expected ?? text);
    });
  }
});
