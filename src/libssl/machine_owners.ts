import type { ConnectionOwner } from "./machine_types.ts";

/**
 * Who answers for each connection of a machine, by a number that C keeps. A `Map` would do, but
 * for what it leaves behind: see `Deadlines`.
 *
 * @internal
 */
export class MachineOwners {
  readonly #owners: (ConnectionOwner | undefined)[] = [];
  readonly #free: number[] = [];

  /** A number for a connection. */
  reserve(): number {
    return this.#free.pop() ?? this.#owners.push(undefined) - 1;
  }

  /** Who answers for the connection of a number, if anybody does. */
  get(number: number): ConnectionOwner | undefined {
    return this.#owners[number];
  }

  /** Sets who does. */
  set(number: number, owner: ConnectionOwner): void {
    this.#owners[number] = owner;
  }

  /** The connection of a number is freed: another may have it. */
  release(number: number): void {
    this.#owners[number] = undefined;
    this.#free.push(number);
  }
}
