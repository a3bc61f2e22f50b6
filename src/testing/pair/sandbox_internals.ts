import { Internals } from "../../internal/internals.ts";
import type { KeyLog } from "../_key_log.ts";

/** The state of a `TlsSandbox` that pairs share. */
export interface SandboxInternals {
  /** Receives the key logs of the sandbox's contexts. */
  readonly keyLog: KeyLog;
  /** The pairs of engines that the sandbox disposes of. */
  readonly pairs: Set<Disposable>;
}

/** The internals of each `TlsSandbox`. */
export const sandboxInternals = new Internals<SandboxInternals>("TlsSandbox");
