/** What tells an answer from what tests print. */
export const MARK = "\u001e";

/** A test or a step of one, and what it runs. */
export interface Step {
  /** The test file. */
  readonly file: string;
  /** The names of the test and of the steps down to this one. */
  readonly path: string;
  /** How long it took, in ms. */
  readonly duration: number;
  /** The mutants whose place it comes by. */
  readonly mutants: readonly number[];
}

/** What a trial is asked. */
export type Question =
  | { readonly load: readonly string[] }
  | { readonly measure: true }
  | { readonly mutant: number; readonly steps: readonly Step[] };

/** What it answers. */
export type Answer =
  | { readonly loaded: true }
  /** Not an answer yet: the next line comes within so many ms. */
  | { readonly patience: number }
  | { readonly steps: readonly Step[] }
  | {
    /** The file whose test failed; `undefined` if none did. */
    readonly found: string | undefined;
    /** Whether the process can't be relied on any more. */
    readonly isSpoilt: boolean;
  };
