import { checkedInteger } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";

/** Options of {@linkcode LayeredSessionStore}. */
export interface LayeredSessionStoreOptions {
  /**
   * How long a record is returned from the near store before the far store is called again, in
   * milliseconds; 0 calls it every time.
   *
   * @default {1_000}
   */
  maxStaleness?: number;
  /**
   * How long a missing record is remembered before the far store is called again, in milliseconds;
   * 0 calls it every time.
   *
   * @default {250}
   */
  missLifetime?: number;
  /**
   * The most records in the near store, at least 1. The near store may keep fewer.
   *
   * @default {20_480}
   */
  maxEntries?: number;
  /**
   * The most missing records to remember, at least 1.
   *
   * @default {4_096}
   */
  maxMisses?: number;
  /**
   * Returns the current time in milliseconds since the epoch, as the clock of the near store does.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/** How many look-ups of a {@linkcode LayeredSessionStore} each store has answered. */
export interface LayeredLookups {
  /** Look-ups without a call of the far store. */
  readonly near: number;
  /** Look-ups with a call of the far store. */
  readonly far: number;
}

/** The caller's options with their defaults, checked. */
export function ownLayeredOptions(
  options: LayeredSessionStoreOptions,
): Required<LayeredSessionStoreOptions> {
  const {
    maxStaleness = 1_000,
    missLifetime = 250,
    maxEntries = 20_480,
    maxMisses = 4_096,
    now = () => Date.now(),
  } = ownOptions(options, {
    maxStaleness: true,
    missLifetime: true,
    maxEntries: true,
    maxMisses: true,
    now: true,
  }, { of: "LayeredSessionStore" });
  return {
    maxStaleness: checkedInteger(maxStaleness, "maxStaleness", { min: 0 }),
    missLifetime: checkedInteger(missLifetime, "missLifetime", { min: 0 }),
    maxEntries: checkedInteger(maxEntries, "maxEntries", { min: 1 }),
    maxMisses: checkedInteger(maxMisses, "maxMisses", { min: 1 }),
    now,
  };
}
