/** The border of an instance: what ends it, and what doesn't. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ffi } from "../../src/ffi/ffi.ts";
import { freeIfAlive } from "../../src/ffi/free_if_alive.ts";
import type { Address } from "../../src/ffi/pointers.ts";
import { TlsError } from "../../src/internal/tls_error.ts";
import { module } from "../../wasm/module.ts";

function instance(): Ffi {
  return new Ffi(module, {
    entropy: (out) => crypto.getRandomValues(out as Uint8Array<ArrayBuffer>),
    clock: Date.now,
  });
}

describe("An instance", () => {
  it("lives on after an argument that never got to C", () => {
    const { c } = instance();
    assertThrows(() => c.SSL_free(1n as never), TypeError);
    assert(c.OpenSSL_version_num() > 0);
  });

  it("has no block for what its memory can't hold", () => {
    const { memory } = instance();
    const error = assertThrows(
      () => memory.withBlock(0xf000_0000, () => {}),
      TlsError,
      "Cannot allocate 4026531840 bytes",
    );
    assertEquals(error.code, "out-of-memory");
  });

  it("wipes blocks after their use, and words before it", () => {
    const { memory } = instance();
    const dirty = (block: Address): Address => {
      memory.view(block, 4096).fill(7);
      return block;
    };
    const used = memory.withBlock(4096, dirty);
    assert(memory.read(used, 4096).every((byte) => byte === 0));
    memory.withWords(1024, dirty);
    memory.withWords(1024, (words) => {
      assert(memory.read(words, 4096).every((byte) => byte === 0));
    });
  });

  it("wipes blocks of malloc, too, before and after their use", () => {
    const { c, memory } = instance();
    const size = 100_000;
    const dirty = (block: Address): Address => {
      memory.view(block, size).fill(7);
      return block;
    };
    const left = dirty(c.malloc(size));
    c.free(left);
    const used = memory.withBlock(size, (block) => {
      assertEquals(block, left);
      assert(memory.read(block, size).every((byte) => byte === 0));
      return dirty(block);
    });
    // The allocator links what is free by words of its own.
    assert(memory.read(used, size).every((byte) => byte !== 7));
  });

  it("takes strings alone for strings, without NUL", () => {
    const { memory } = instance();
    const read = (address: Address): string | null =>
      memory.readString(address);
    assertEquals(memory.withString("é", read), "é");
    assertEquals(memory.withString(null, read), null);
    for (const text of [1, undefined, {}, "a\0b"]) {
      assertThrows(
        () => memory.withString(text as never, read),
        TypeError,
        "Expected a string",
      );
    }
  });
});

describe("What is freed with an instance that may be dead", () => {
  it("fails for other reasons only", () => {
    const fail = (error: Error) => () => {
      throw error;
    };
    freeIfAlive(fail(new TlsError("instance-dead", "dead")));
    const others = [new TlsError("session", "other"), new TypeError("other")];
    for (const error of others) {
      assertThrows(() => freeIfAlive(fail(error)), Error, "other");
    }
  });
});

describe("A handle", () => {
  it("has nothing attached any more once it is freed", () => {
    const { c, handles } = instance();
    const bio = handles.own("BIO", c.BIO_new(c.BIO_s_mem()));
    assert(bio !== null);
    const ptr = handles.ptr(bio, "BIO");
    handles.attached(bio).set("callback", () => {});
    assertEquals(handles.attachedAt(ptr)?.size, 1);
    c.BIO_free(handles.release(bio, "BIO"));
    for (const handle of [bio, {} as never]) {
      assertThrows(
        () => handles.attached(handle),
        TypeError,
        "freed handle",
      );
    }
    assertEquals(handles.attachedAt(ptr), undefined);
  });
});
