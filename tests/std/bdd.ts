/**
 * The part of `@std/testing/bdd` that the tests use, for where JSR can't be
 * reached: `describe` is a `Deno.test`, everything inside is a step of it.
 *
 * Not over `node:test`: in Deno 2.9 its `it.only` runs all the tests where it is
 * inside a `describe`, and elsewhere leaves the others out in a run that passes.
 *
 * @module
 */

type Body<T = unknown> = (
  this: T,
  t: Deno.TestContext,
) => void | Promise<void>;
type Hook<T = unknown> = (this: T) => void | Promise<void>;

/**
 * Options of {@linkcode it} and {@linkcode describe}. Where `only` is set, all
 * others are left out, and the run fails, lest it be left in.
 */
export type Options = Pick<
  Deno.TestDefinition,
  "ignore" | "only" | "sanitizeOps" | "sanitizeResources" | "sanitizeExit"
>;

/** A test, as an object. */
export interface ItDefinition<T> extends Options {
  /** What it does. */
  name: string;
  /** The test. */
  fn: Body<T>;
}

/** A suite, as an object. */
export interface DescribeDefinition extends Options {
  /** What is tested. */
  name: string;
  /** Registers the suite's tests. */
  fn: () => void | undefined;
}

/** What {@linkcode it} takes. */
export type ItArgs<T> =
  | [options: ItDefinition<T>]
  | [name: string, fn: Body<T>]
  | [name: string, options: Options, fn: Body<T>];

/** What {@linkcode describe} takes. */
export type DescribeArgs =
  | [options: DescribeDefinition]
  | [name: string, fn: () => void | undefined]
  | [name: string, options: Options, fn: () => void | undefined];

/** A suite, as {@linkcode describe} returns it. */
export interface TestSuite<T> {
  /** What tells it from others. */
  symbol: symbol;
}

/** A way to define tests or suites, and its variants. */
export type WithVariants<Define> = Define & {
  /** Skips it. */
  skip: Define;
  /** Skips it. */
  ignore: Define;
  /** Leaves out all others. */
  only: Define;
};

interface Suite extends TestSuite<unknown> {
  readonly parent: Suite | undefined;
  readonly tests: (ItDefinition<unknown> & { suite?: Suite })[];
  readonly beforeAll: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
  readonly afterAll: Hook[];
}

let current: Suite | undefined;

/** Defines a test. */
export const it: WithVariants<<T>(...args: ItArgs<T>) => void> = withVariants(
  defineTest,
);

/** Defines a suite of tests. */
export const describe: WithVariants<
  <T>(...args: DescribeArgs) => TestSuite<T>
> = withVariants(defineSuite);

/** Runs a hook before the suite's first test. */
export function beforeAll<T>(hook: Hook<T>): void {
  suiteOfHook("beforeAll").beforeAll.push(hook as Hook);
}

/** Runs a hook before each test of the suite and of the suites in it. */
export function beforeEach<T>(hook: Hook<T>): void {
  suiteOfHook("beforeEach").beforeEach.push(hook as Hook);
}

/** Runs a hook after each test of the suite and of the suites in it. */
export function afterEach<T>(hook: Hook<T>): void {
  suiteOfHook("afterEach").afterEach.push(hook as Hook);
}

/** Runs a hook after the suite's last test. */
export function afterAll<T>(hook: Hook<T>): void {
  suiteOfHook("afterAll").afterAll.push(hook as Hook);
}

interface Definition extends Options {
  name: string;
  fn: unknown;
}

function withVariants<D extends Definition, Result>(
  define: (definition: D) => Result,
): WithVariants<(...args: unknown[]) => Result> {
  const variant = (extra: Options) => (...args: unknown[]): Result =>
    define({ ...definitionFrom<D>(args), ...extra });
  return Object.assign(variant({}), {
    skip: variant({ ignore: true }),
    ignore: variant({ ignore: true }),
    only: variant({ only: true }),
  });
}

function definitionFrom<D>(args: unknown[]): D {
  if (args.length === 1) return args[0] as D;
  const [name, options, fn] = args.length === 2 ? [args[0], {}, args[1]] : args;
  return { name, ...(options as Options), fn } as D;
}

function defineTest(definition: ItDefinition<unknown>): void {
  if (current === undefined) Deno.test(definition);
  else current.tests.push(definition);
}

function defineSuite(
  { fn, ...definition }: DescribeDefinition,
): TestSuite<unknown> {
  const suite: Suite = {
    symbol: Symbol(definition.name),
    parent: current,
    tests: [],
    beforeAll: [],
    beforeEach: [],
    afterEach: [],
    afterAll: [],
  };
  current = suite;
  try {
    fn();
  } finally {
    current = suite.parent;
  }
  const test = {
    ...definition,
    suite,
    fn: (t: Deno.TestContext) => runSuite(suite, t),
  };
  const only = definition.only || suite.tests.some((test) => test.only);
  defineTest(only ? { ...test, only } : test);
  return suite;
}

async function runSuite(suite: Suite, t: Deno.TestContext): Promise<void> {
  const only = suite.tests.some((test) => test.only);
  try {
    for (const hook of suite.beforeAll) await hook();
    for (const { only: chosen, ...test } of suite.tests) {
      if (only && !chosen) continue;
      const fn: Body = test.suite ? test.fn : (t) => runTest(suite, test.fn, t);
      await t.step({ ...test, fn });
    }
  } finally {
    for (const hook of suite.afterAll) await hook();
  }
}

async function runTest(
  suite: Suite,
  body: Body,
  t: Deno.TestContext,
): Promise<void> {
  const suites = lineOf(suite);
  try {
    for (const { beforeEach } of suites) {
      for (const hook of beforeEach) await hook();
    }
    await body(t);
  } finally {
    for (const { afterEach } of suites.toReversed()) {
      for (const hook of afterEach) await hook();
    }
  }
}

/** The suites that a suite is in, from the outermost to itself. */
function lineOf(suite: Suite | undefined): Suite[] {
  return suite === undefined ? [] : [...lineOf(suite.parent), suite];
}

function suiteOfHook(name: string): Suite {
  if (current !== undefined) return current;
  throw new Error(`Cannot add ${name}: it is outside of describe`);
}
