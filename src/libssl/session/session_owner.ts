import type { Exports } from "../../ffi/exports.ts";
import { NULL, type Ptr } from "../../ffi/pointers.ts";

/**
 * Whether a session is in the internal cache of another context than `ctx`: in two caches,
 * it would have C loop for ever when they are freed.
 */
export function isCachedElsewhere(
  c: Exports,
  session: Ptr<"SSL_SESSION">,
  ctx: Ptr<"SSL_CTX">,
): boolean {
  const owner = c.sesame_session_owner(session);
  return owner !== NULL && owner !== ctx;
}
