/**
 * Puts Sesame in the place of the runtime's `node:tls` when it is imported, in Node.js, Deno
 * and Bun: for `require("tls")` and `import`s of it, the agents and servers of `node:https`,
 * and so the packages that use them. `docs/node.md` says what that reaches, and what it can't.
 *
 * Import it before what uses `node:tls`, or have the runtime do so: `node --import`,
 * `deno run --preload`, `bun --preload`. Importing it again changes nothing.
 *
 * @example From then on, every driver has sessions.
 * ```ts
 * import "@sesame/tls/node/register";
 * import tls from "node:tls";
 * import { connect } from "@sesame/tls/node";
 *
 * console.assert(tls.connect === connect);
 * ```
 *
 * @module
 */
import { putInPlace } from "./register/put_in_place.ts";

let undo: (() => void) | undefined;

register();

/** Puts Sesame in the place of `node:tls`, as the import of this module has done; again after {@linkcode unregister}. */
export function register(): void {
  undo ??= putInPlace();
}

/**
 * Gives the runtime its own `node:tls` back. What exists by then, servers, sockets and what
 * others took from the module, stays Sesame's.
 */
export function unregister(): void {
  undo?.();
  undo = undefined;
}
