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
export const EXPLAINED: readonly Explained[] = [
  {
    file: "src/tls/deno/connect_options.ts",
    kind: "check",
    text: "checkedTimeout(options.handshakeTimeout);",
    because:
      "It is checked again where it is used: here, before a store is asked.",
  },
  {
    file: "src/tls/socket/engine_io.ts",
    kind: "limit",
    text: "LAST_WORDS_TIMEOUT = 200",
    because: "It is how long an alert may take to come, and keeps nobody out.",
  },
  {
    file: "src/tls/sessions/store_guard.ts",
    kind: "guard",
    text: '!("controller" in shared)',
    because: "An answer that is there already has nothing to be abandoned.",
  },
];
