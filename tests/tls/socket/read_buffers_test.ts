import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ReadBuffers } from "../../../src/tls/socket/read_buffers.ts";

const IDLE = 2048;
const BULK = 65_536;

/** As many buffers as are kept of a size, and some more. */
function takeAll(size: number): Uint8Array<ArrayBuffer>[] {
  const reader = new ReadBuffers();
  // Large ones are given out after much has come.
  if (size === BULK) reader.release(reader.acquire(), IDLE);
  return Array.from({ length: 80 }, () => reader.acquire());
}

/** How many of 80 buffers that are given back are given out again. */
function kept(size: number): number {
  const buffers = new Set(takeAll(size));
  const reader = new ReadBuffers();
  for (const buffer of buffers) reader.release(buffer, 0);
  return takeAll(size).filter((buffer) => buffers.has(buffer)).length;
}

describe("The buffers of reads", () => {
  it("are small until much comes at once, and small again after little", () => {
    const reader = new ReadBuffers();
    const read = (count: number): number => {
      const buffer = reader.acquire();
      reader.release(buffer, Math.min(count, buffer.length));
      return buffer.length;
    };
    assertEquals([1, IDLE - 1, IDLE, 16_383, 1].map(read), [
      ...[IDLE, IDLE, IDLE],
      ...[BULK, IDLE],
    ]);
    read(IDLE);
    assertEquals([16_384, BULK, 0].map(read), [BULK, BULK, BULK]);
    assertEquals(read(0), IDLE);
  });

  it("are shared, so many and no more", () => {
    assertEquals(kept(IDLE), 64);
    assertEquals(kept(BULK), 4);
  });

  it("are not kept where their bytes were transferred", () => {
    const reader = new ReadBuffers();
    const buffer = reader.acquire();
    buffer.buffer.transfer();
    reader.release(buffer, 0);
    const many = [...takeAll(IDLE), ...takeAll(BULK)];
    assertEquals(many.filter(({ length }) => length === 0), []);
  });
});
