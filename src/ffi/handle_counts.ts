import type { Memory } from "./memory.ts";
import { type Address, offset } from "./pointers.ts";

/** The size of `handle_counts` in wasm/bridge.c. */
const SLOTS = 1 << 14;

/**
 * C's table of how many handles JavaScript has, by the address of their object
 * (`handle_counts` in wasm/bridge.c): C doesn't tell of the end of an object in an empty slot.
 */
export class HandleCounts {
  readonly #memory: Memory;
  readonly #table: Address;

  /** The table at `table`. */
  constructor(memory: Memory, table: Address) {
    this.#memory = memory;
    this.#table = table;
  }

  /** Counts a handle of the object at `ptr`. */
  add(ptr: number): void {
    this.#change(ptr, 1);
  }

  /** Counts one handle of the object at `ptr` less. */
  subtract(ptr: number): void {
    this.#change(ptr, -1);
  }

  #change(ptr: number, by: number): void {
    const slot = offset(this.#table, 2 * ((ptr >>> 4) % SLOTS));
    this.#memory.writeHalf(slot, this.#memory.readHalf(slot) + by);
  }
}
