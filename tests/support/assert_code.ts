import { assertEquals, assertThrows } from "@std/assert";

/** That an action throws an error with a code, as those of Node.js have. */
export function assertCode(action: () => unknown, code: string): void {
  const error: Error & { code?: unknown } = assertThrows(action, Error);
  assertEquals(error.code, code);
}
