/** Options of {@linkcode RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /**
   * The beginning of all keys. Stores with the same prefix share their sessions.
   *
   * @default {"sesame:"}
   */
  prefix?: string;
  /**
   * Returns the current time in milliseconds since the epoch. The clocks of servers that share a
   * store must not differ by more than a minute.
   *
   * @default {Date.now}
   */
  now?: () => number;
}
