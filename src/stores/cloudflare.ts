/**
 * Two implementations of {@linkcode SessionStore} for Cloudflare Workers.
 *
 * - {@linkcode DurableObjectSessionStore} keeps sessions in Durable Objects and fulfils the whole
 *   contract, with `take`.
 * - {@linkcode CloudflareKvSessionStore} keeps them in Workers KV, which is fast in every location,
 *   but may return a removed session for a minute.
 *
 * For the first one, the entry point of the worker re-exports the class of the objects,
 * `export { SessionObject } from "@sesame/tls/stores/cloudflare"`, and the configuration of
 * wrangler binds it:
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
 * // Called within a request: bindings can't be used earlier.
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
