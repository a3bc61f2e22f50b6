import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import type { VirtualClock } from "../testing/clock.ts";
import { TlsContext } from "../tls/context/context.ts";
import { type Audit, newAudit } from "./audit.ts";
import {
  AUDIT_OPTION_NAMES,
  type AuditChanges,
  type AuditOptions,
} from "./options.ts";
import { auditSettings, checkChanges } from "./settings.ts";
import type { ServerChange } from "./probe.ts";
import { SANDBOX_CHANGES, SandboxChanges } from "./sandbox_changes.ts";
import { SandboxTarget } from "./sandbox_target.ts";

/** The contexts that serve after a change: as before, one for all nodes, or one for each. */
export type ChangedContexts = void | TlsContext | readonly TlsContext[];

/** Options of {@linkcode auditContext}. */
export interface AuditContextOptions extends AuditOptions {
  /** Contexts of further nodes of the same server, which should resume each other's sessions. */
  nodes?: readonly TlsContext[];
  /**
   * Changes the server: a function of what a probe asks for, or an object of functions. Each
   * may return a context, which serves from then on, or several, one for each node. A probe asks
   * for a change and then again, to have it undone. By default contexts serve that are made of
   * the given ones, which stay as they are: with another certificate, with another CA of client
   * certificates, or anew. A revocation isn't made by default.
   */
  change?: AuditChanges<ChangedContexts>;
}

/** How far apart the readings of one clock may lie, in milliseconds. */
const MAX_CLOCK_DIFFERENCE = 1_000;

const NAMES: Readonly<Record<keyof AuditContextOptions, true>> = {
  ...AUDIT_OPTION_NAMES,
  change: true,
  nodes: true,
};

/**
 * Audits the servers of a context, in memory: without a network, in well under a second.
 *
 * @param context The context of the server. With the option `clock` its `OpenSSL` and its store
 * must have the same clock.
 *
 * @example No finding of a server is a failure
 * ```ts
 * import { TlsContext } from "@sesame/tls";
 * import { auditContext } from "@sesame/tls/audit";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertNotEquals } from "@std/assert";
 *
 * using context = new TlsContext(createTestCertificate());
 * for await (const finding of auditContext(context)) {
 *   assertNotEquals(finding.verdict, "fail", finding.summary);
 * }
 * ```
 *
 * @throws {TypeError} If an option is not of its type or has an unknown name, or `clock` has
 * another time than the contexts.
 * @throws {RangeError} If an option is out of its range.
 */
export function auditContext(
  context: TlsContext,
  options: AuditContextOptions = {},
): Audit {
  if (!(context instanceof TlsContext)) {
    throw new TypeError(
      `context must be a TlsContext, received ${received(context)}`,
    );
  }
  const own = ownOptions(options, NAMES, { of: "auditContext" });
  const { nodes = [], change } = own;
  const contexts = [context, ...checkedContexts(nodes)];
  checkChanges(change);
  const settings = auditSettings(own, "localhost");
  checkClocks(contexts, settings.clock);
  return newAudit(() => {
    const target = new SandboxTarget(contexts);
    const changes = new SandboxChanges(contexts, target);
    return {
      settings,
      target,
      change: changeOf(target, changes, change),
      end: () => changes[Symbol.dispose](),
    };
  });
}

/** Throws a `TypeError` if contexts have another time than the clock that probes move. */
function checkClocks(
  contexts: readonly TlsContext[],
  clock: VirtualClock | undefined,
): void {
  if (clock === undefined) return;
  const now = clock.now();
  for (const { openssl } of contexts) {
    if (Math.abs(openssl.now() - now) < MAX_CLOCK_DIFFERENCE) continue;
    throw optionTypeError(
      "clock",
      `must be the clock of the context's OpenSSL, which has another time: make the context with openssl: new OpenSSL({ clock: clock.now }), or with the server of a sandbox (createTlsSandbox)`,
    );
  }
}

function checkedContexts(nodes: readonly TlsContext[]): readonly TlsContext[] {
  if (!Array.isArray(nodes)) {
    throw optionTypeError(
      "nodes",
      `must be an array of contexts, received ${received(nodes)}`,
    );
  }
  nodes.forEach((node, i) => {
    if (node instanceof TlsContext) return;
    throw optionTypeError(
      ["nodes", i],
      `must be a TlsContext, received ${received(node)}`,
    );
  });
  return nodes;
}

/** The changes of the option, which return the contexts that serve; all others are the sandbox's. */
function changeOf(
  target: SandboxTarget,
  own: SandboxChanges,
  change: AuditContextOptions["change"] = {},
): AuditChanges {
  const made = async (
    make: () => ChangedContexts | Promise<ChangedContexts>,
  ): Promise<void> => {
    const contexts = await make();
    if (contexts) target.replace([contexts].flat());
  };
  if (typeof change === "function") {
    return (what) => made(() => change(what));
  }
  const owns = SANDBOX_CHANGES.map((what) => [what, () => own.change(what)]);
  const entries = Object.entries(change).map(([what, make]) => [
    what,
    () => made(make),
  ]);
  return Object.fromEntries([...owns, ...entries]) as Partial<
    Record<ServerChange, () => void | Promise<void>>
  >;
}
