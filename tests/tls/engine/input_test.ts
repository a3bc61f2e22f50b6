/** What waits in an engine: bytes for OpenSSL, and operations of the program's. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { STAGING_BYTES } from "../../../src/libssl/machine_connection.ts";
import { Input } from "../../../src/tls/engine/input.ts";
import { PendingOperations } from "../../../src/tls/engine/pending_operations.ts";

describe("Bytes on their way to OpenSSL", () => {
  it("are taken in order, as much at once as it has room for", () => {
    const input = new Input();
    input.push(new Uint8Array());
    assert(input.isEmpty && input.isLast);
    assertEquals(input.peek(), undefined);
    const large = new Uint8Array(STAGING_BYTES + 2).fill(1);
    input.push(large);
    input.push(Uint8Array.of(2, 3));
    assert(!input.isEmpty && !input.isLast);
    assertEquals(input.peek()?.length, STAGING_BYTES);
    input.drop(STAGING_BYTES);
    assertEquals(input.peek(), Uint8Array.of(1, 1));
    input.drop(1);
    assertEquals(input.peek(), Uint8Array.of(1));
    input.drop(1);
    assert(input.isLast);
    assertEquals(input.peek(), Uint8Array.of(2, 3));
    input.drop(2);
    assert(input.isEmpty);
    input.drop(0);
    input.push(Uint8Array.of(4));
    assertEquals(input.peek(), Uint8Array.of(4));
    input.clear();
    assert(input.isEmpty);
  });

  it("are the caller's until they are copied, as far as they are left", () => {
    const input = new Input();
    input.own();
    assert(input.isEmpty);
    const first = Uint8Array.of(1, 2, 3);
    input.push(first);
    input.drop(1);
    input.own();
    first.fill(9);
    assertEquals(input.peek(), Uint8Array.of(2, 3));
    const second = Uint8Array.of(4, 5);
    input.push(second);
    input.drop(1);
    input.own();
    second.fill(9);
    assertEquals(input.peek(), Uint8Array.of(3));
    input.drop(1);
    assertEquals(input.peek(), Uint8Array.of(4, 5));
    const third = Uint8Array.of(6);
    input.push(third);
    input.own();
    third.fill(9);
    input.drop(2);
    assertEquals(input.peek(), Uint8Array.of(6));
  });
});

describe("Operations that an engine waits for", () => {
  it("are pending until the last is over, each of which is told", async () => {
    let over = 0;
    const operations = new PendingOperations(() => over++);
    const one = Promise.withResolvers<void>();
    const other = Promise.withResolvers<void>();
    assertEquals(operations.pending, null);
    operations.add(one.promise, false);
    assert(!operations.holdBytes);
    operations.add(other.promise, true);
    assert(operations.holdBytes);
    const { pending } = operations;
    other.resolve();
    await other.promise;
    await Promise.resolve();
    assert(!operations.holdBytes);
    assertEquals(over, 1);
    assertEquals(operations.pending, pending);
    one.resolve();
    await pending;
    assertEquals(over, 2);
    assertEquals(operations.pending, null);
    assert(!operations.holdBytes);
  });
});
