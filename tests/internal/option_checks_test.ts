/** Options that several functions share, and what is said of those that are none. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  checkBoolean,
  checkedCount,
  checkedInteger,
  checkedPort,
  checkedTimeout,
  checkFunction,
  checkSignal,
  checkStore,
} from "../../src/internal/option_checks.ts";
import { received } from "../../src/internal/received.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";

describe("An option that is", () => {
  it("a number is whole, above 0, and one that a timer can take", () => {
    const most = 2 ** 31 - 1;
    for (const value of [1, 10_000, most]) {
      assertEquals(checkedCount(value, "backlog"), value);
    }
    for (const value of [0, -1, 1.5, NaN, Infinity, most + 1]) {
      assertThrows(
        () => checkedCount(value, "backlog"),
        RangeError,
        `options.backlog must be a whole number from 1 to ${most}, received `,
      );
    }
    for (const value of ["1", null, undefined, 1n]) {
      assertThrows(
        () => checkedCount(value as never, "backlog"),
        TypeError,
        "options.backlog must be a number, received ",
      );
    }
    assertThrows(
      () => checkedInteger(0.5, ["a", 1], { min: -1 }),
      RangeError,
      "options.a[1] must be a whole number of at least -1, received 0.5",
    );
    assertEquals(checkedTimeout(undefined), 10_000);
    assertThrows(() => checkedTimeout(0), RangeError, "handshakeTimeout");
  });

  it("a port is one of TCP's", () => {
    for (const port of [0, 443, 65_535]) assertEquals(checkedPort(port), port);
    for (const port of [-1, 65_536, 1.5, NaN]) {
      assertThrows(
        () => checkedPort(port),
        RangeError,
        "options.port must be a whole number from 0 to 65535, received ",
      );
    }
  });

  it("a signal, a function or a boolean is missing or of that type", () => {
    const right = [
      () => checkSignal(new AbortController().signal),
      () => checkFunction(() => {}, "tag"),
      () => checkBoolean(false, "reusePort"),
      () => checkSignal(undefined),
      () => checkFunction(undefined, "tag"),
      () => checkBoolean(undefined, "reusePort"),
    ];
    for (const check of right) check();
    const wrong: [check: (value: never) => void, ...words: string[]][] = [
      [checkSignal, "options.signal must be an AbortSignal"],
      [
        (value) => checkFunction(value, "tag"),
        "options.tag must be a function",
      ],
      [
        (value) => checkBoolean(value, "reusePort"),
        "options.reusePort must be a boolean",
      ],
    ];
    for (const [check, words] of wrong) {
      for (const value of [null, 1, "true", {}]) {
        assertThrows(
          () => check(value as never),
          TypeError,
          `${words}, received ${received(value)}`,
        );
      }
    }
  });

  it("a store has what each store has, and is no Map", () => {
    const store = new MemorySessionStore();
    checkStore(undefined);
    checkStore(store);
    for (const method of ["get", "set", "delete"] as const) {
      const lacking = {
        get: () => undefined,
        set: () => {},
        delete: () => {},
        [method]: undefined,
      };
      assertThrows(
        () => checkStore(lacking as never),
        TypeError,
        `it has no method ${method}`,
      );
    }
    assertThrows(() => checkStore(null as never), TypeError, "no method get");
    assertThrows(
      () => checkStore(new Map() as never),
      TypeError,
      "received a Map: MemorySessionStore keeps sessions in memory",
    );
  });
});
