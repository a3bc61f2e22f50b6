/**
 * What the modules of `@std` promise of all that the tests use: the adapters next to this are
 * checked against it (`./signatures_test.ts`), since they must not accept what the
 * modules refuse, nor the reverse.
 *
 * Read off denoland/std at ca58f94 of 3 August 2026, where `@std/assert` is 1.0.19 and
 * `@std/testing` 1.0.20, and compared with it by the compiler.
 *
 * @module
 */

type Falsy = false | 0 | 0n | "" | null | undefined;
// deno-lint-ignore no-explicit-any -- as there: any class will do.
type Class<T = any> = abstract new (...args: any[]) => T;

/** Of `@std/assert`. */
export interface Assert {
  AssertionError: new (message: string, options?: ErrorOptions) => Error;
  assert: (expr: unknown, msg?: string) => asserts expr;
  assertAlmostEquals: (
    actual: number,
    expected: number,
    tolerance?: number,
    msg?: string,
  ) => void;
  assertEquals: Comparison;
  assertExists: <T>(
    actual: T,
    msg?: string,
  ) => asserts actual is NonNullable<T>;
  assertFalse: (expr: unknown, msg?: string) => asserts expr is Falsy;
  assertGreater: Comparison;
  assertGreaterOrEqual: Comparison;
  assertInstanceOf: <T extends Class>(
    actual: unknown,
    expectedType: T,
    msg?: string,
  ) => asserts actual is InstanceType<T>;
  assertLess: Comparison;
  assertLessOrEqual: Comparison;
  assertMatch: (actual: string, expected: RegExp, msg?: string) => void;
  assertNotEquals: Comparison;
  assertNotMatch: (actual: string, expected: RegExp, msg?: string) => void;
  assertNotStrictEquals: Comparison;
  assertRejects: {
    (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
    <E extends Error = Error>(
      fn: () => PromiseLike<unknown>,
      errorClass: Class<E>,
      msgIncludes?: string,
      msg?: string,
    ): Promise<E>;
  };
  assertStrictEquals: <T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ) => asserts actual is T;
  assertStringIncludes: (
    actual: string,
    expected: string,
    msg?: string,
  ) => void;
  assertThrows: {
    (fn: () => unknown, msg?: string): unknown;
    <E extends Error = Error>(
      fn: () => unknown,
      errorClass: Class<E>,
      msgIncludes?: string,
      msg?: string,
    ): E;
  };
  fail: (msg?: string) => never;
}

type Comparison = <T>(actual: T, expected: T, msg?: string) => void;

/** Of `@std/testing/bdd`, less the forms and options that no test uses. */
export interface Bdd {
  afterAll: AddHook;
  afterEach: AddHook;
  beforeAll: AddHook;
  beforeEach: AddHook;
  describe: WithVariants<
    <T>(
      ...args:
        | [options: SuiteDefinition]
        | [name: string, fn: SuiteBody]
        | [name: string, options: Options, fn: SuiteBody]
    ) => { symbol: symbol }
  >;
  it: WithVariants<
    <T>(
      ...args:
        | [options: TestDefinition<T>]
        | [name: string, fn: TestBody<T>]
        | [name: string, options: Options, fn: TestBody<T>]
    ) => void
  >;
}

/** `undefined`, but no promise: a suite registers its tests at once. */
type SuiteBody = () => void | undefined;
type TestBody<T> = (this: T, t: Deno.TestContext) => void | Promise<void>;
type AddHook = <T>(fn: (this: T) => void | Promise<void>) => void;
type WithVariants<F> = F & { skip: F; ignore: F; only: F };

/** Each may be left out, but not be `undefined`. */
interface Options {
  ignore?: boolean;
  only?: boolean;
  sanitizeOps?: boolean;
  sanitizeResources?: boolean;
  sanitizeExit?: boolean;
}

interface SuiteDefinition extends Options {
  name: string;
  fn: SuiteBody;
}

interface TestDefinition<T> extends Options {
  name: string;
  fn: TestBody<T>;
}

/** Of `@std/testing/time`, less what no test uses. */
export interface Time {
  FakeTime: new (start?: number | string | Date | null) => {
    now: number;
    readonly start: number;
    tick(ms?: number): void;
    tickAsync(ms?: number): Promise<void>;
    runMicrotasks(): Promise<void>;
    restore(): void;
    [Symbol.dispose](): void;
  };
  TimeError: new (message: string) => Error;
}
