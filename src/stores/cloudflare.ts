/**
 * Two kinds of {@linkcode SessionStore} for Cloudflare Workers.
 *
 * - {@linkcode DurableObjectSessionStore} keeps sessions in Durable Objects: all
 *   of the contract, `take` too, for all who share them.
 * - {@linkcode CloudflareKvSessionStore} keeps them in Workers KV: near to every
 *   location, but a session that was removed may come back for a minute.
 *
 * The worker's entry point re-exports the class of the objects,
 * `export { SessionObject } from "@sesame/tls/stores/cloudflare"`, and wrangler's
 * configuration binds it:
 *
 * ```json
 * {
 *   "durable_objects": {
 *     "bindings": [{ "name": "SESSIONS", "class_name": "SessionObject" }]
 *   },
 *   "migrations": [{ "tag": "v1", "new_sqlite_classes": ["SessionObject"] }]
 * }
 * ```
 *
 * @example
 * ```ts
 * import { TlsContext } from "@sesame/tls";
 * import {
 *   DurableObjectSessionStore,
 *   type SessionObjectNamespace,
 * } from "@sesame/tls/stores/cloudflare";
 *
 * interface Env {
 *   SESSIONS: SessionObjectNamespace; // or Cloudflare's DurableObjectNamespace
 *   CERT: string;
 *   KEY: string;
 * }
 *
 * // Within a request: bindings can't be used before there is one.
 * function contextOf(env: Env): TlsContext {
 *   const sessions = new DurableObjectSessionStore(env.SESSIONS);
 *   return new TlsContext({ cert: env.CERT, key: env.KEY, sessions });
 * }
 * ```
 *
 * @module
 */

export * from "./cloudflare/bindings.ts";
export * from "./cloudflare/kv.ts";
export * from "./cloudflare/objects.ts";
export * from "./cloudflare/session_object.ts";

export type * from "./session_store.ts";
