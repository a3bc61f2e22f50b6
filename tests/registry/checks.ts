import type { Consumer } from "./consumer.ts";
import type { Registry } from "./registry.ts";

/** Checks by name: they reject if what they check doesn't hold. */
export type Checks = Readonly<
  Record<string, (consumer: Consumer, registry: Registry) => Promise<void>>
>;

/** Throws unless a text is what it should be. */
export function expectText(actual: string, expected: string): void {
  if (actual !== expected) {
    throw new Error(`Expected ${JSON.stringify(expected)}, it is ${actual}`);
  }
}
