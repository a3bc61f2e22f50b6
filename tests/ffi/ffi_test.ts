/** The border of an instance: what ends it, and what doesn't. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ffi } from "../../src/ffi/ffi.ts";
import { freeIfAlive } from "../../src/ffi/free_if_alive.ts";
import type { Address, Ptr } from "../../src/ffi/pointers.ts";
import { TlsError } from "../../src/internal/tls_error.ts";
import { module } from "../../wasm/module.ts";

function fill(out: Uint8Array): void {
  crypto.getRandomValues(out as Uint8Array<ArrayBuffer>);
}

function instance(): Ffi {
  return new Ffi(module, { entropy: fill, clock: Date.now });
}

describe("An instance", () => {
  it("lives on after an argument that never got to C", () => {
    const { c } = instance();
    assertThrows(() => c.SSL_free(1n as never), TypeError);
    assert(c.OpenSSL_version(0) > 0);
  });

  it("has no use for a time that is none", () => {
    let now = Date.now();
    const { c } = new Ffi(module, { entropy: fill, clock: () => now });
    c.SSL_SESSION_free(c.SSL_SESSION_new());
    for (now of [NaN, Infinity, undefined as never]) {
      assertThrows(
        () => c.SSL_SESSION_free(c.SSL_SESSION_new()),
        TypeError,
        `clock must give milliseconds, received ${now}`,
      );
    }
  });

  it("has no errors left of what waited for a call's end", () => {
    const ffi = instance();
    const { c } = ffi;
    let done = 0;
    ffi.implement("entropy", (out, length) => {
      ffi.defer(() => {
        done++;
        c.sesame_context_new(0 as Ptr<"SSL_METHOD">);
        assert(c.ERR_peek_error() !== 0);
      });
      ffi.memory.view(out, length).fill(7);
      return 1;
    });
    c.SSL_CTX_free(c.sesame_context_new(c.TLS_method()));
    assert(done > 0);
    assertEquals(c.ERR_peek_error(), 0);
  });

  it("gives back the blocks that are too large for its stack", () => {
    const { c, memory } = instance();
    const size = 100_000;
    const use = (): void => {
      memory.withBlock(size, () => {});
      memory.withWords(size / 4, () => {});
    };
    use();
    const before = c.sesame_memory_used();
    for (let i = 0; i < 10; i++) use();
    assertEquals(c.sesame_memory_used(), before);
    memory.withBlock(1, (stack) => {
      memory.withWords(size / 4, (words) => {
        assert(words < stack || words > stack + 40 * 1024);
      });
    });
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

  it("wipes blocks of malloc, too, after their use, and zeroes words before it", () => {
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
      return dirty(block);
    });
    // The allocator links what is free by words of its own.
    assert(memory.read(used, size).every((byte) => byte !== 7));
    c.free(dirty(c.malloc(size)));
    memory.withWords(size / 4, (words) => {
      assert(memory.read(words, size).every((byte) => byte === 0));
    });
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
