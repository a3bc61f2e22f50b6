/**
 * The part of `@std/assert` that the tests use, over `node:assert/strict`, for
 * where JSR can't be reached. Its `assertEquals` is a little stricter: it tells
 * apart 0 from -0, and an object without a prototype from one with.
 *
 * @module
 */

import nodeAssert from "node:assert/strict";

/** What a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

// deno-lint-ignore no-explicit-any -- as in @std/assert: any class will do.
type Class<T = any> = abstract new (...args: any[]) => T;
type Falsy = false | 0 | 0n | "" | null | undefined;

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  check(msg, () => nodeAssert.ok(expr, "Expected a truthy value"));
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  check(msg, () => nodeAssert.ok(!expr, "Expected a falsy value"));
}

/** Asserts deep equality. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  check(msg, () => nodeAssert.deepStrictEqual(actual, expected));
}

/** Asserts deep inequality. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(msg, () => nodeAssert.notDeepStrictEqual(actual, expected));
}

/** Asserts that both are the same value, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  check(msg, () => nodeAssert.strictEqual(actual, expected));
}

/** Asserts that they are not the same value, by `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  check(msg, () => nodeAssert.notStrictEqual(actual, expected));
}

/** Asserts that `actual` is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  const exists = actual !== null && actual !== undefined;
  check(msg, () => nodeAssert.ok(exists, `Expected a value, got ${actual}`));
}

/** Asserts that `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends Class>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  const words = `Expected a ${expectedType.name}, got ${show(actual)}`;
  check(msg, () => nodeAssert.ok(actual instanceof expectedType, words));
}

/** Asserts that `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  const words = `Expected ${show(actual)} to contain ${show(expected)}`;
  check(msg, () => nodeAssert.ok(actual.includes(expected), words));
}

/** Asserts that `actual` matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  check(msg, () => nodeAssert.match(actual, expected));
}

/** Asserts that `actual` does not match `expected`. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  check(msg, () => nodeAssert.doesNotMatch(actual, expected));
}

/** Asserts that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  compare(actual > expected, actual, ">", expected, msg);
}

/** Asserts that `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  compare(actual >= expected, actual, ">=", expected, msg);
}

/** Asserts that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  compare(actual < expected, actual, "<", expected, msg);
}

/** Asserts that `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  compare(actual <= expected, actual, "<=", expected, msg);
}

/** Asserts that they differ by at most `tolerance`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  const allowed = tolerance ?? Math.abs(expected) * 1e-7;
  const near = Math.abs(actual - expected) <= allowed;
  compare(near, actual, "to be almost", expected, msg);
}

/** Asserts that `fn` throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an `ErrorClass` whose message has `msgIncludes`. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ...expected: ExpectedError
): unknown {
  let thrown: { error: unknown } | undefined;
  try {
    fn();
  } catch (error) {
    thrown = { error };
  }
  return checkThrown("throw", thrown, expected);
}

/** Asserts that `fn` rejects, and returns what it rejected with. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Asserts that `fn` rejects with such an `ErrorClass`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...expected: ExpectedError
): Promise<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    throw new AssertionError("Expected function to reject, but it throws");
  }
  let thrown: { error: unknown } | undefined;
  try {
    await promise;
  } catch (error) {
    thrown = { error };
  }
  return checkThrown("reject", thrown, expected);
}

/** Fails. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${msg ? `: ${msg}` : "."}`);
}

type ExpectedError = [
  classOrMsg?: Class | string,
  msgIncludes?: string,
  msg?: string,
];

function checkThrown(
  verb: string,
  thrown: { error: unknown } | undefined,
  [classOrMsg, msgIncludes = "", words]: ExpectedError,
): unknown {
  const msg = typeof classOrMsg === "string" ? classOrMsg : words;
  if (thrown === undefined) {
    throw new AssertionError(prefixed(msg, `Expected function to ${verb}`));
  }
  if (typeof classOrMsg === "function") {
    assertInstanceOf(thrown.error, classOrMsg, msg);
    assertStringIncludes(String(thrown.error.message), msgIncludes, msg);
  }
  return thrown.error;
}

function compare(
  holds: boolean,
  actual: unknown,
  relation: string,
  expected: unknown,
  msg: string | undefined,
): void {
  const words = `Expected ${show(actual)} ${relation} ${show(expected)}`;
  check(msg, () => nodeAssert.ok(holds, words));
}

function check(msg: string | undefined, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof nodeAssert.AssertionError)) throw error;
    throw new AssertionError(prefixed(msg, error.message));
  }
}

function prefixed(msg: string | undefined, text: string): string {
  return msg ? `${msg}: ${text}` : text;
}

function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : Deno.inspect(value);
}
