/** Options of {@linkcode DirectorySessionStore}. */
export interface DirectorySessionStoreOptions {
  /**
   * With `"normal"`, a power failure may lose or undo the calls of the last seconds, including
   * `delete` and `take`; with `"full"`, each write waits for the disk. The end of a process
   * loses nothing either way.
   *
   * @default {"normal"}
   */
  synchronous?: "normal" | "full";
  /**
   * Returns the current time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}
