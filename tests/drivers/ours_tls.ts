/**
 * `@sesame/tls/node` in place of the runtime's `node:tls`.
 *
 * @module
 */
import "../../src/node/register.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";

/** Options that have `tls.connect` keep sessions. */
export function keepSessions(): object {
  return { sessions: new MemorySessionStore() };
}
