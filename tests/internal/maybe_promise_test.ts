import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { after, isPromise, settle } from "../../src/internal/maybe_promise.ts";

/** A promise of another implementation than the runtime's. */
const thenable = {
  then: (resolve: (value: number) => void): void => resolve(2),
} as unknown as Promise<number>;

describe("A value or a promise of it", () => {
  it("is a promise if it has a method then", () => {
    assert(isPromise(Promise.resolve(1)));
    assert(isPromise(thenable));
    for (const value of [1, undefined, null, {}]) assert(!isPromise(value));
  });

  it("goes on at once, or when the promise is fulfilled", async () => {
    assertEquals(after(1, (value) => value + 1), 2);
    assertEquals(await after(Promise.resolve(1), (value) => value + 1), 2);
    assertEquals(await after(thenable, (value) => value + 1), 3);
    await assertRejects(
      () => Promise.resolve(after(Promise.reject(new Error("no")), () => 1)),
      Error,
      "no",
    );
  });

  it("settles at once, or when the promise does", async () => {
    const failed = (error: unknown): string => String(error);
    const fail = (): never => {
      throw new Error("thrown");
    };
    assertEquals(settle(() => 1, String, failed), "1");
    assertEquals(settle(fail, String, failed), "Error: thrown");
    assertEquals(await settle(() => Promise.resolve(1), String, failed), "1");
    assertEquals(
      await settle(() => Promise.reject("rejected"), String, failed),
      "rejected",
    );
  });
});
