/** Options of {@linkcode SqliteSessionStore}. */
export interface SqliteSessionStoreOptions {
  /**
   * How long a call may block while another process writes, in milliseconds, before it throws.
   *
   * @default {1_000}
   */
  busyTimeout?: number;
  /**
   * SQLite's `PRAGMA synchronous`. With `"normal"`, a power failure may undo the last calls,
   * including `delete` and `take`; with `"full"`, each write waits for the disk. The end of a
   * process loses nothing either way.
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
