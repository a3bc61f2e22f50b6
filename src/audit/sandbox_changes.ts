import { makeSelfSigned } from "../pki/self_signed.ts";
import { contextVariants, type TlsContext } from "../tls/context/context.ts";
import type { TlsContextUpdate } from "../tls/context/context_update.ts";
import type { ServerChange } from "./probe.ts";
import type { SandboxTarget } from "./sandbox_target.ts";

/** What can be changed of any context: all but what needs the key of somebody else's authority. */
export const SANDBOX_CHANGES = [
  "certificate",
  "client CA",
  "restart",
] as const satisfies readonly ServerChange[];

type SandboxChange = typeof SANDBOX_CHANGES[number];

/**
 * Changes servers in memory: other contexts serve, which are made of the given ones by an update,
 * or anew. Those stay as they are, and serve again when the change is made a second time.
 */
export class SandboxChanges implements Disposable {
  readonly #contexts: readonly TlsContext[];
  readonly #target: SandboxTarget;
  /** The change that is made, and the contexts that serve, by those that they are made of. */
  #made: { what: SandboxChange; contexts: Map<object, TlsContext> } | null =
    null;

  /** Changes a target that these contexts serve. */
  constructor(contexts: readonly TlsContext[], target: SandboxTarget) {
    this.#contexts = contexts;
    this.#target = target;
  }

  /** Makes a change, or undoes it. */
  change(what: SandboxChange): void {
    const isMade = this.#made?.what === what;
    this[Symbol.dispose]();
    if (isMade) return;
    const contexts = new Map<object, TlsContext>();
    this.#made = { what, contexts };
    this.#target.replace(
      this.#contexts.map((context) =>
        contextVariants.get(context)({
          changes: changesOf(what, context),
          keepsTicketKeys: what !== "restart",
          made: contexts,
        })
      ),
    );
  }

  /** Undoes what was changed. */
  [Symbol.dispose](): void {
    this.#target.replace(this.#contexts);
    for (const context of this.#made?.contexts.values() ?? []) context.close();
    this.#made = null;
  }
}

function changesOf(
  what: SandboxChange,
  { openssl }: TlsContext,
): TlsContextUpdate {
  if (what === "restart") return {};
  const other = makeSelfSigned({ openssl });
  return what === "certificate" ? { ...other } : { caCerts: [other.cert] };
}
