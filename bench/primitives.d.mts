/**
 * The primitives that are measured: of `bytes` at once, or by the operation where that is 0.
 *
 * @module
 */

/** One primitive; primitives.c has the same names. */
export interface Primitive {
  metric: "primitives";
  primitive: string;
  bytes: number;
  /** How many are done between two looks at the clock. */
  batch: number;
}

/** All of them, in the order of the table. */
export const primitives: Primitive[];

/** Does a primitive so often. */
export type Repeat = (times: number) => void;
