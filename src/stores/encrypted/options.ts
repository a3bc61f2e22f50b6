/** Options of {@linkcode EncryptedSessionStore}. */
export interface EncryptedSessionStoreOptions {
  /**
   * A name that records are bound to, such as that of an application or environment. Records that
   * were stored with another context are rejected. It must be well-formed text.
   *
   * @default {""}
   */
  context?: string;
  /**
   * Called with the reason when a record can't be decrypted. The error has no secrets. By default
   * it is printed by `console.error`, but only once for each unknown key: if a key was removed too
   * early, each look-up would print a line.
   */
  onRejected?: (reason: Error) => void;
  /**
   * Returns the current time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}
