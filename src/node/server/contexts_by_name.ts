import type { NativeContext } from "../context/native_context.ts";
import type { SniCallback } from "../types.ts";

/** The contexts of `addContext`, each with what matches its server names (SNI). */
export type ContextsByName = [RegExp, NativeContext][];

/** What matches the server names of `addContext`, in which `*` stands for any label. */
export function serverNamePattern(hostname: string): RegExp {
  const pattern = hostname.replace(/[.^$+?\-\\[\]{}]/g, "\\$&")
    .replaceAll("*", "[^.]*");
  return new RegExp(`^${pattern}$`, "i");
}

/**
 * The `SNICallback` of a server without one: the context that was added last for a name;
 * `undefined` if none was added.
 */
export function contextByName(
  contexts: Readonly<ContextsByName>,
): SniCallback | undefined {
  if (contexts.length === 0) return undefined;
  return (name, callback) => {
    const found = contexts.findLast(([pattern]) => pattern.test(name));
    callback(null, found?.[1]);
  };
}
