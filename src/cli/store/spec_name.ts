/** What to call a store in front of people: its spec without user and password. */
export function nameOf(spec: string): string {
  // A path may have an @ in it. All else may be a URL, however it is written.
  if (/^(sqlite|dir|kv):/.test(spec)) return spec;
  return spec.replace(/^([a-z][a-z0-9+.-]*:\/{0,2})?.*@/is, "$1");
}
