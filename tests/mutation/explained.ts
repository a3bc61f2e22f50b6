import type { MutantKind } from "./mutants.ts";

/** A mutant that no test can find, and why. */
export interface Explained {
  /** The file. */
  readonly file: string;
  /** What was changed. */
  readonly kind: MutantKind;
  /** The text that was changed, as the mutant has it. */
  readonly text: string;
  /** Why it can't matter. */
  readonly because: string;
}

/** The survivors that are none. */
export const EXPLAINED: readonly Explained[] = [];
