/** The spec of a store without user name and password, for messages. */
export function displayName(spec: string): string {
  // A path may contain an @. Any other spec may be a URL, well-formed or not.
  if (/^(sqlite|dir|kv):/.test(spec)) return spec;
  return spec.replace(/^([a-z][a-z0-9+.-]*:\/{0,2})?.*@/is, "$1");
}
