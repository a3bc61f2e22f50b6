import type { ConnectionOwner } from "./machine_types.ts";

/**
 * The receiver of each connection's callbacks, by a number that C keeps. Not a `Map`, which would
 * keep former entries in memory: see `Deadlines`.
 *
 * @internal
 */
export class MachineOwners {
  readonly #owners: (ConnectionOwner | undefined)[] = [];
  readonly #free: number[] = [];

  /** Returns a number for a connection. */
  reserve(): number {
    return this.#free.pop() ?? this.#owners.push(undefined) - 1;
  }

  /** Returns the receiver for a number, if it is set. */
  get(number: number): ConnectionOwner | undefined {
    return this.#owners[number];
  }

  /** Sets the receiver for a number. */
  set(number: number, owner: ConnectionOwner): void {
    this.#owners[number] = owner;
  }

  /** Releases a number whose connection is freed: another connection may get it. */
  release(number: number): void {
    this.#owners[number] = undefined;
    this.#free.push(number);
  }
}
