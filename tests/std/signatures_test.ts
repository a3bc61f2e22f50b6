/**
 * Tests that the offline adapters have the types that the modules of `@std` have, by the
 * list in `std/signatures.ts`: it is the compiler that tests, before anything runs.
 */
import { describe, it } from "@std/testing/bdd";
import type * as assert from "./assert.ts";
import type * as bdd from "./bdd.ts";
import type { Assert, Bdd, Time } from "./signatures.ts";
import type * as time from "./time.ts";

/** Whether two types are one, `any` being nothing but `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** A type with its aliases, intersections and classes resolved. */
type Plain<T> = T extends abstract new (...args: infer A) => infer R
  ? new (...args: A) => { [K in keyof R]: R[K] }
  : T;

/** The names whose types are not one, and those that only one side has. */
type Differing<List, Module> =
  | Exclude<keyof Module, keyof List>
  | {
    [K in keyof List]: K extends keyof Module
      ? Same<Plain<List[K]>, Plain<Module[K]>> extends true ? never : K
      : K;
  }[keyof List];

/** Compiles for no names only. */
function none<_Names extends never>(): void {}

describe("The offline adapters have the types", () => {
  it("of @std/assert", () => none<Differing<Assert, typeof assert>>());
  it("of @std/testing/bdd", () => none<Differing<Bdd, typeof bdd>>());
  it("of @std/testing/time", () => none<Differing<Time, typeof time>>());
});
