/**
 * The checks of the testing kit.
 *
 * @module
 */
import { MemorySessionStore } from "../../src/stores/memory.ts";
import {
  assertResumed,
  checkSessionStore,
  createTlsSandbox,
} from "../../src/testing/mod.ts";
import type { Checks } from "./checks.ts";

/** Those for every runtime. */
export const TESTING_CHECKS: Checks = {
  "testing: a pair resumes": resume,
  "testing: a store is checked": checkStore,
};

async function resume(): Promise<void> {
  const sandbox = createTlsSandbox({ seed: "runtimes" });
  const sessions = new MemorySessionStore({ now: sandbox.clock.now });
  const pair = sandbox.pair({ server: { sessions } });
  await pair.handshake();
  sandbox.clock.advance(3_600_000);
  const again = pair.reconnect();
  await again.handshake();
  assertResumed(again);
  sandbox[Symbol.dispose]();
}

async function checkStore(): Promise<void> {
  const checks = checkSessionStore((now) => new MemorySessionStore({ now }));
  for (const { run } of checks) await run();
}
