/**
 * Tests that the offline adapters do what the modules of `@std` do: where JSR
 * can be reached, the same tests run against those. Their types are compared in
 * `std_signatures_test.ts`.
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
} from "@std/testing/bdd";

const bytes = new Uint8Array([1, 2]);
const range = (): never => {
  throw new RangeError("Too far");
};
const rangeLater = (): Promise<never> =>
  Promise.reject(new RangeError("Too far"));

const HOLDING: Record<string, () => unknown> = {
  assert: () => assert("a"),
  assertAlmostEquals: () => assertAlmostEquals(1, 1 + 1e-9),
  "assertAlmostEquals with a tolerance": () => assertAlmostEquals(1, 2, 1),
  assertEquals: () => assertEquals({ a: [bytes] }, { a: [bytes.slice()] }),
  assertExists: () => assertExists(0),
  assertFalse: () => assertFalse(""),
  assertGreater: () => assertGreater(2, 1),
  assertGreaterOrEqual: () => assertGreaterOrEqual(2, 2),
  assertInstanceOf: () => assertInstanceOf(bytes, Uint8Array),
  assertLess: () => assertLess(1n, 2n),
  assertLessOrEqual: () => assertLessOrEqual(2, 2),
  assertMatch: () => assertMatch("abc", /B/i),
  assertNotEquals: () => assertNotEquals({ a: 1 }, { a: 2 }),
  assertNotMatch: () => assertNotMatch("abc", /B/),
  assertNotStrictEquals: () => assertNotStrictEquals(bytes, bytes.slice()),
  assertRejects: () => assertRejects(rangeLater),
  "assertRejects of a kind": () => assertRejects(rangeLater, Error, "far"),
  assertStrictEquals: () => assertStrictEquals<unknown>(NaN, NaN),
  assertStringIncludes: () => assertStringIncludes("abc", "bc"),
  assertThrows: () => assertThrows(range),
  "assertThrows of a kind": () => assertThrows(range, RangeError, "Too"),
};

const FAILING: Record<string, () => unknown> = {
  assert: () => assert(0),
  assertAlmostEquals: () => assertAlmostEquals(1, 1.001),
  "assertAlmostEquals with a tolerance": () => assertAlmostEquals(1, 2, 0.9),
  assertEquals: () => assertEquals({ a: [bytes] }, { a: [bytes.slice(1)] }),
  "assertEquals of types": () => assertEquals<unknown>(1, "1"),
  assertExists: () => assertExists(null),
  "assertExists of undefined": () => assertExists(undefined),
  assertFalse: () => assertFalse("a"),
  assertGreater: () => assertGreater(2, 2),
  assertGreaterOrEqual: () => assertGreaterOrEqual(1, 2),
  assertInstanceOf: () => assertInstanceOf({}, Uint8Array),
  assertLess: () => assertLess(2n, 2n),
  assertLessOrEqual: () => assertLessOrEqual(3, 2),
  assertMatch: () => assertMatch("abc", /B/),
  assertNotEquals: () => assertNotEquals({ a: 1 }, { a: 1 }),
  assertNotMatch: () => assertNotMatch("abc", /b/),
  assertNotStrictEquals: () => assertNotStrictEquals(bytes, bytes),
  assertRejects: () => assertRejects(() => Promise.resolve()),
  "assertRejects of what throws at once": () => assertRejects(range),
  "assertRejects of another kind": () => assertRejects(rangeLater, TypeError),
  "assertRejects in other words": () =>
    assertRejects(rangeLater, Error, "near"),
  assertStrictEquals: () => assertStrictEquals(bytes, bytes.slice()),
  assertStringIncludes: () => assertStringIncludes("abc", "ac"),
  assertThrows: () => assertThrows(() => {}),
  "assertThrows of another kind": () => assertThrows(range, TypeError),
  "assertThrows in other words": () => assertThrows(range, Error, "near"),
  fail: () => fail(),
};

describe("@std/assert", () => {
  for (const [name, run] of Object.entries(HOLDING)) {
    it(`${name} accepts what is so`, async () => void await run());
  }

  for (const [name, run] of Object.entries(FAILING)) {
    it(`${name} rejects what is not so`, async () => {
      assert(await thrownBy(run) instanceof AssertionError);
    });
  }

  it("puts the caller's words into the message", async () => {
    const message = "of the two";
    for (
      const run of [
        () => assert(0, message),
        () => assertEquals(1, 2, message),
        () => assertGreater(1, 2, message),
        () => assertThrows(() => {}, message),
        () => assertThrows(() => {}, Error, "", message),
        () => fail(message),
      ]
    ) assertStringIncludes(String(await thrownBy(run)), message);
  });

  it("throws errors that say what they are", async () => {
    const error = await thrownBy(() => fail());
    assert(error instanceof AssertionError);
    assertEquals(error.name, "AssertionError");
    const cause = new Error("Why");
    assertStrictEquals(new AssertionError("What", { cause }).cause, cause);
  });

  it("returns what was thrown", async () => {
    const error: RangeError = assertThrows(range, RangeError);
    assert(error instanceof RangeError);
    const later: RangeError = await assertRejects(rangeLater, RangeError);
    assert(later instanceof RangeError);
  });
});

describe("@std/testing/bdd", () => {
  const log: string[] = [];
  const logs = (entry: string) => (): void => void log.push(entry);

  describe("a suite", () => {
    beforeAll(logs("before all"));
    afterAll(logs("after all"));
    beforeEach(logs("before"));
    afterEach(logs("after"));
    it("runs", logs("test 1"));
    describe("a suite in it", () => {
      beforeEach(logs("before inner"));
      afterEach(logs("after inner"));
      it("runs", async () => {
        await Promise.resolve();
        log.push("test 2");
      });
    });
  });

  it("runs hooks and tests in their order", () => {
    assertEquals(log, [
      "before all",
      ...["before", "test 1", "after"],
      ...["before", "before inner", "test 2", "after inner", "after"],
      "after all",
    ]);
  });
});

async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return undefined;
}
