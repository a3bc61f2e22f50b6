import { offset } from "../../ffi/pointers.ts";
import { type Address, NULL, type Ptr } from "../../ffi/pointers.ts";
import { bytes, int, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { BIO } from "../handles.ts";

const BIO_CTRL_RESET = 1;
const BIO_CTRL_EOF = 2;
const BIO_C_SHUTDOWN_WR = 142;
const BIO_FLAGS_SHOULD_RETRY = 0x08;

/** Memory BIOs and BIO pairs (BIO_s_mem(3), BIO_s_bio(3)). Handshakes run over a BIO pair. */
export class BioFunctions extends FunctionGroup {
  /** Creates a memory BIO, which grows as it is written to. Owned. */
  BIO_new_mem(): BIO | null {
    return this.ffi.handles.own("BIO", this.c.BIO_new(this.c.BIO_s_mem()));
  }

  /** Creates a memory BIO that contains a copy of `data`. Owned. */
  BIO_new_mem_buf(data: Uint8Array): BIO | null {
    const view = bytes(data, "data");
    const bio = this.BIO_new_mem();
    if (bio && view.length > 0) this.BIO_write(bio, view);
    return bio;
  }

  /**
   * Creates a BIO pair, both owned: what is written to one BIO is read from the other. Each
   * buffers up to `writebuf` bytes; 0 means 17 KiB, which holds one record of the largest size.
   */
  BIO_new_bio_pair(writebuf1 = 0, writebuf2 = 0): [BIO, BIO] | null {
    uint(writebuf1, "writebuf1");
    uint(writebuf2, "writebuf2");
    return this.memory.withWords(2, (first) => {
      const second = offset(first, 4);
      if (!this.c.BIO_new_bio_pair(first, writebuf1, second, writebuf2)) {
        return null;
      }
      return [this.#own(first), this.#own(second)];
    });
  }

  /** Takes another reference, owned. Returns 1. */
  BIO_up_ref(bio: BIO): number {
    const ok = this.c.BIO_up_ref(this.#ptr(bio));
    if (ok) this.ffi.handles.retain(bio, "BIO");
    return ok;
  }

  /** Frees an owned reference. Returns 1. */
  BIO_free(bio: BIO | null): number {
    if (bio === null) return 0;
    const ptr = this.ffi.handles.release(bio, "BIO");
    this.ffi.defer(() => void this.c.BIO_free(ptr));
    return 1;
  }

  /** Reads into `data`. Returns the number of bytes, -1 if there are none yet, or 0 at the end. */
  BIO_read(bio: BIO, data: Uint8Array): number {
    const view = bytes(data, "data");
    const ptr = this.#ptr(bio);
    return this.memory.withBlock(Math.max(view.length, 1), (block) => {
      const count = this.c.BIO_read(ptr, block, view.length);
      if (count > 0) view.set(this.memory.view(block, count));
      return count;
    });
  }

  /** Writes `data`. Returns the number of bytes that were taken, or -1 if there is no room. */
  BIO_write(bio: BIO, data: Uint8Array): number {
    const ptr = this.#ptr(bio);
    return this.memory.withBytes(
      bytes(data, "data"),
      (block, length) => this.c.BIO_write(ptr, block, length),
    );
  }

  /**
   * Consumes up to `num` bytes of a pair's BIO without copying them. Returns a view into the
   * module's memory that is valid until the next call, or `null` if there are no bytes.
   */
  BIO_nread(bio: BIO, num: number): Uint8Array | null {
    const ptr = this.#ptr(bio);
    int(num, "num", 0);
    return this.#area((area) => this.c.BIO_nread(ptr, area, num));
  }

  /** Returns what {@linkcode BIO_nread} would, without consuming it. */
  BIO_nread0(bio: BIO): Uint8Array | null {
    const ptr = this.#ptr(bio);
    return this.#area((area) => this.c.BIO_nread0(ptr, area));
  }

  /**
   * Reserves up to `num` bytes in a pair's BIO. Returns a view into the module's memory, to be
   * filled before the next call, or `null` if there is no room.
   */
  BIO_nwrite(bio: BIO, num: number): Uint8Array | null {
    const ptr = this.#ptr(bio);
    int(num, "num", 0);
    return this.#area((area) => this.c.BIO_nwrite(ptr, area, num));
  }

  /** Returns the room that {@linkcode BIO_nwrite} would reserve, without reserving it. */
  BIO_nwrite0(bio: BIO): Uint8Array | null {
    const ptr = this.#ptr(bio);
    return this.#area((area) => this.c.BIO_nwrite0(ptr, area));
  }

  /** Returns the number of bytes that can be read. */
  BIO_ctrl_pending(bio: BIO): number {
    return this.c.BIO_ctrl_pending(this.#ptr(bio));
  }

  /** Returns the number of bytes that were written here and not yet read from the other BIO. */
  BIO_ctrl_wpending(bio: BIO): number {
    return this.c.BIO_ctrl_wpending(this.#ptr(bio));
  }

  /** Returns the number of bytes that can be written now. */
  BIO_ctrl_get_write_guarantee(bio: BIO): number {
    return this.c.BIO_ctrl_get_write_guarantee(this.#ptr(bio));
  }

  /** Returns the number of bytes that the last read of the other BIO asked for in vain. */
  BIO_ctrl_get_read_request(bio: BIO): number {
    return this.c.BIO_ctrl_get_read_request(this.#ptr(bio));
  }

  /** Ends writing to this BIO: the other one reads what is buffered, and then the end. */
  BIO_shutdown_wr(bio: BIO): number {
    return this.c.BIO_ctrl(this.#ptr(bio), BIO_C_SHUTDOWN_WR, 0, NULL);
  }

  /** Returns 1 if the end was reached. */
  BIO_eof(bio: BIO): number {
    return this.c.BIO_ctrl(this.#ptr(bio), BIO_CTRL_EOF, 0, NULL);
  }

  /** Discards the content of the BIO. */
  BIO_reset(bio: BIO): number {
    return this.c.BIO_ctrl(this.#ptr(bio), BIO_CTRL_RESET, 0, NULL);
  }

  /** Returns whether the last read or write should be tried again later. */
  BIO_should_retry(bio: BIO): boolean {
    return this.c.BIO_test_flags(this.#ptr(bio), BIO_FLAGS_SHOULD_RETRY) !== 0;
  }

  #ptr(bio: BIO): Ptr<"BIO"> {
    return this.ptr(bio, "BIO");
  }

  #own(word: Address): BIO {
    const ptr = this.memory.readWord(word) as Ptr<"BIO">;
    return this.ffi.handles.own("BIO", ptr) as BIO;
  }

  #area(call: (area: Address) => number): Uint8Array | null {
    const [address, length] = this.memory.withWords(1, (area) => {
      const length = call(area);
      return [this.memory.readWord(area) as Address, length] as const;
    });
    return length > 0 ? this.memory.view(address, length) : null;
  }
}
