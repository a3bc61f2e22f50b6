/** A scenario's steps: time, revocations, and connections that resume. */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  runScenario,
  type Scenario,
  type ScenarioExpectation,
} from "../../../src/testing/scenario.ts";
import { unmet } from "./setup.ts";

describe("A scenario's steps", () => {
  const ok: ScenarioExpectation = { result: "success", resumed: true };
  const server = { store: "memory", tag: "a", sessionTimeout: 60 } as const;
  const base: Scenario = {
    name: "steps",
    server,
    expect: { result: "success" },
  };

  it("move the clock", async () => {
    const then = (advance: number) => [
      { advance },
      { reconnect: {}, expect: ok },
    ];
    assertEquals(await unmet({ ...base, then: then(59) }), []);
    assertEquals(await unmet({ ...base, then: then(60) }), ["resumed"]);
  });

  it("revoke sessions", async () => {
    const then = (revoke: string) => [
      { revoke },
      { reconnect: {}, expect: ok },
    ];
    const hosts = { "b.test": { store: "memory", tag: "b" } } as const;
    const both = { ...base, server: { ...server, hosts } };
    assertEquals(await unmet({ ...both, then: then("b") }), []);
    assertEquals(await unmet({ ...both, then: then("a") }), ["resumed"]);
  });

  it("can't revoke what no host has", async () => {
    await assertRejects(
      () => runScenario({ ...base, then: [{ revoke: "b" }] }),
      TypeError,
      'revoke must be the tag of a host with a store, received "b"',
    );
  });

  it("choose servers that share the store or not", async () => {
    const then = (store: "memory" | "own") => [
      { reconnect: { server: { store } }, expect: ok },
    ];
    assertEquals(await unmet({ ...base, then: then("memory") }), []);
    assertEquals(await unmet({ ...base, then: then("own") }), ["resumed"]);
  });

  it("choose what to resume", async () => {
    for (const session of ["first", "newest", { of: 1, ticket: 2 }] as const) {
      const then = [{ reconnect: { session }, expect: ok }];
      assertEquals(await unmet({ ...base, then }), []);
    }
    const then = [{ reconnect: { session: "none" }, expect: ok }] as const;
    assertEquals(await unmet({ ...base, then }), ["resumed"]);
  });

  it("can't resume what the client was never given", async () => {
    for (const session of [{ of: 1, ticket: 3 }, { of: 2 }]) {
      await assertRejects(
        () =>
          runScenario({
            ...base,
            then: [{ reconnect: { session }, expect: ok }],
          }),
        TypeError,
        `sessions in connection ${session.of}`,
      );
    }
  });
});
