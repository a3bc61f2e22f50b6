/**
 * The part of `@std/testing/bdd` that the tests use, for where JSR can't be
 * reached: `describe` is a `Deno.test`, everything inside is a step of it.
 *
 * Not over `node:test`: in Deno 2.9 its `it.only` runs all the tests where it is
 * inside a `describe`, and elsewhere leaves the others out in a run that passes.
 *
 * @module
 */

type Body = (t: Deno.TestContext) => void | Promise<void>;
type Hook = () => void | Promise<void>;
type Sanitizers = Pick<
  Deno.TestDefinition,
  "sanitizeOps" | "sanitizeResources" | "sanitizeExit"
>;

/** Options of {@linkcode it}. */
export interface ItOptions extends Sanitizers {
  /** Whether to skip the test. */
  ignore?: boolean;
  /** Whether to skip all others; the run fails, lest it be left in. */
  only?: boolean;
}

/** A test, as an object. */
export interface ItDefinition extends ItOptions {
  /** What it does. */
  name: string;
  /** The test. */
  fn: Body;
}

/** A suite, as an object. */
export interface DescribeDefinition extends ItOptions {
  /** What is tested. */
  name: string;
  /** Registers the suite's tests. */
  fn: () => void;
}

type Define<D extends ItOptions & { name: string; fn: unknown }> = {
  (definition: D): void;
  (name: string, fn: D["fn"]): void;
  (name: string, options: ItOptions, fn: D["fn"]): void;
};

/** A way to define tests, and its variants. */
export type WithVariants<
  D extends ItOptions & { name: string; fn: unknown },
> = Define<D> & {
  /** Skips it. */
  skip: Define<D>;
  /** Skips it. */
  ignore: Define<D>;
  /** Skips all others. */
  only: Define<D>;
};

interface Suite {
  readonly parent: Suite | undefined;
  readonly tests: (ItDefinition & { suite?: Suite })[];
  readonly beforeAll: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
  readonly afterAll: Hook[];
}

let current: Suite | undefined;

/** Defines a test. */
export const it: WithVariants<ItDefinition> = withVariants(defineTest);

/** Defines a suite of tests. */
export const describe: WithVariants<DescribeDefinition> = withVariants(
  defineSuite,
);

/** Runs a hook before the suite's first test. */
export function beforeAll(hook: Hook): void {
  suiteOfHook("beforeAll").beforeAll.push(hook);
}

/** Runs a hook before each test of the suite and of the suites in it. */
export function beforeEach(hook: Hook): void {
  suiteOfHook("beforeEach").beforeEach.push(hook);
}

/** Runs a hook after each test of the suite and of the suites in it. */
export function afterEach(hook: Hook): void {
  suiteOfHook("afterEach").afterEach.push(hook);
}

/** Runs a hook after the suite's last test. */
export function afterAll(hook: Hook): void {
  suiteOfHook("afterAll").afterAll.push(hook);
}

function withVariants<D extends ItOptions & { name: string; fn: unknown }>(
  define: (definition: D) => void,
): WithVariants<D> {
  const variant = (extra: ItOptions): Define<D> => (...args: unknown[]) =>
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
  return { name, ...(options as ItOptions), fn } as D;
}

function defineTest(definition: ItDefinition): void {
  if (current === undefined) Deno.test(definition);
  else current.tests.push(definition);
}

function defineSuite({ fn, ...definition }: DescribeDefinition): void {
  const suite: Suite = {
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
}

async function runSuite(suite: Suite, t: Deno.TestContext): Promise<void> {
  const only = suite.tests.some((test) => test.only);
  try {
    for (const hook of suite.beforeAll) await hook();
    for (const { only: chosen, ...test } of suite.tests) {
      const ignore = test.ignore || (only && !chosen);
      const fn: Body = test.suite ? test.fn : (t) => runTest(suite, test.fn, t);
      await t.step({ ...test, ignore, fn });
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
