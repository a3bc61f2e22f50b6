/** Arguments in the module's memory: a stack, without malloc, that is wiped. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ffi } from "../../src/ffi/ffi.ts";
import type { Address } from "../../src/ffi/pointers.ts";
import { module } from "../../wasm/module.ts";
import { noting } from "../support/crossings.ts";

const SECRET = new TextEncoder().encode("a secret of 24 bytes ...");
/** More than the stack has. */
const LARGE = 100_000;

interface Lab {
  ffi: Ffi;
  /** The functions of the module that were called since the instance was made. */
  calls: string[];
}

function setUp(): Lab {
  const calls: string[] = [];
  const host = {
    entropy: (out: Uint8Array) => void crypto.getRandomValues(out),
    clock: () => Date.now(),
  };
  const ffi = noting(
    () => new Ffi(module, host),
    (call) => void calls.push(call),
  );
  calls.length = 0;
  return { ffi, calls };
}

describe("a block for a call", () => {
  it("is on a stack: no call of malloc, and nested ones don't overlap", () => {
    const { ffi: { memory }, calls } = setUp();
    const second = SECRET.toReversed();
    memory.withBytes(SECRET, (a, length) => {
      memory.withWords(2, (words) => {
        memory.writeWord(words, 1);
        memory.withBytes(second, (b) => {
          assert(b >= words + 8 && words >= a + length);
          assertEquals([a, words, b].map((block) => block % 16), [0, 0, 0]);
          assertEquals(memory.read(a, length), SECRET);
          assertEquals(memory.read(b, length), second);
        });
        assertEquals(memory.readWord(words), 1);
      });
      assertEquals(memory.read(a, length), SECRET);
    });
    assertEquals(calls, []);
  });

  it("is wiped when its call is over, also by an exception", () => {
    const { ffi: { memory } } = setUp();
    let at = 0 as Address;
    const isWiped = (length: number): boolean =>
      memory.read(at, length).every((byte) => byte === 0);
    memory.withBytes(SECRET, (block) => at = block);
    assert(isWiped(SECRET.length));
    memory.withString("pässword", (block) => {
      at = block;
      assertEquals(memory.readString(block), "pässword");
    });
    assert(isWiped(9));
    assertThrows(() =>
      memory.withBytes(SECRET, (block) => {
        at = block;
        throw new Error("thrown");
      })
    );
    assert(isWiped(SECRET.length));
    const large = new Uint8Array(LARGE).fill(7);
    memory.withBytes(large, (block) => at = block);
    // Its first words are malloc's again.
    at = at + 64 as Address;
    assert(isWiped(LARGE - 64));
  });

  it("starts with words of zero, whatever was there", () => {
    const { ffi: { memory } } = setUp();
    for (const count of [4, LARGE]) {
      memory.withWords(count, (words) => memory.writeWord(words, 0xffff_ffff));
      memory.withWords(count, (words) => {
        assertEquals(memory.readWord(words), 0);
      });
    }
  });

  it("is malloc's where the stack has no room, and goes back", () => {
    const { ffi: { c, memory }, calls } = setUp();
    const used = c.sesame_memory_used();
    const data = new Uint8Array(LARGE).fill(9);
    memory.withBytes(data, (block, length) => {
      assertEquals(memory.read(block, length), data);
    });
    const nested = (depth: number): void =>
      memory.withBlock(
        9000,
        () => depth > 0 ? nested(depth - 1) : undefined,
      );
    nested(9);
    assertEquals(c.sesame_memory_used(), used);
    assert(calls.filter((call) => call === ">malloc").length > 1);
    assertEquals(
      calls.filter((call) => call === ">malloc").length,
      calls.filter((call) => call === ">free").length,
    );
  });

  it("refuses a text that C would cut short, and what is no text", () => {
    const { ffi: { memory } } = setUp();
    for (const text of ["a\0b", "\0"]) {
      assertThrows(
        () => memory.withString(text, () => {}),
        TypeError,
        "without NUL characters",
      );
    }
    assertThrows(
      () => memory.withString(1 as never, () => {}),
      TypeError,
      "Expected a string, received number",
    );
    memory.withString(null, (address) => assertEquals(address, 0));
  });

  it("is found again after the memory has grown", () => {
    const { ffi: { c, memory } } = setUp();
    memory.withBytes(SECRET, (block, length) => {
      const { buffer } = c.memory;
      const grown = c.malloc(4 << 20);
      assert(c.memory.buffer !== buffer);
      assertEquals(memory.read(block, length), SECRET);
      c.free(grown);
    });
  });
});
