import {
  EncryptedSessionStore,
  type EncryptedSessionStoreOptions,
} from "../../../src/stores/encrypted.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

export const START = Date.UTC(2030, 0, 1);
export const { id } = numbered(1);
export const record = new TextEncoder().encode("a master secret");
export const other = numbered(2);
export const expiresAt = new Date(START + 3_600_000);
export const [key1, key2] = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
];

/** Version, key, salt, expiry, time, tag, and GCM's tag. */
export const OVERHEAD = 1 + 8 + 32 + 8 + 8 + 32 + 16;

/** A store in memory for encrypted ones to be over, and why they rejected records of it. */
export class Setup {
  clock = START;
  readonly now = (): number => this.clock;
  readonly inner: MemorySessionStore = new MemorySessionStore({
    now: this.now,
  });
  readonly reasons: string[] = [];

  /** An encrypted store over the inner one. */
  open(
    keys: Uint8Array[] = [key1],
    options: EncryptedSessionStoreOptions = {},
  ): EncryptedSessionStore {
    return new EncryptedSessionStore(this.inner, keys, {
      now: this.now,
      onRejected: ({ message }) => void this.reasons.push(message),
      ...options,
    });
  }
}
