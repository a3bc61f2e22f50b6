import { messageOf } from "../internal/error_message.ts";
import { TlsError } from "../internal/tls_error.ts";
import { withCertificates } from "../tls/context/pem.ts";
import { AuditClient } from "./client/audit_client.ts";
import type { Target } from "./client/target.ts";
import type { Finding, ResumptionKind } from "./finding.ts";
import { findingOf, notApplicable } from "./finding_of.ts";
import type { AuditChanges } from "./options.ts";
import type { AuditSettings } from "./settings.ts";
import { type AuditPlan, type AuditStep, isAlone, planned } from "./plan.ts";
import {
  NotApplicable,
  type ProbeResult,
  type ServerChange,
  type Survey,
} from "./probe.ts";
import { type AuditSurroundings, StepProbing } from "./step_probing.ts";
import { confirmed } from "./confirmation.ts";
import { KINDS, surveyed } from "./survey.ts";

/** An audit that is to be made of a target. */
export interface AuditTask {
  readonly settings: AuditSettings;
  readonly target: Target;
  readonly change: AuditChanges | undefined;
  /** Is called when the audit has ended. */
  readonly end?: () => void;
}

/** The plan of an audit. */
export function planOf({ settings, target, change }: AuditTask): AuditPlan {
  return planned(settings, target.nodes, {
    otherName: settings.names.length > 1,
    certificate: settings.certificate !== undefined,
    otherCertificate: settings.otherCertificate !== undefined,
    otherNode: target.nodes.length > 1,
    clock: settings.clock !== undefined,
    change: change !== undefined,
  });
}

/**
 * Makes an audit: the findings as they come.
 *
 * @throws {TlsError} `handshake`, if no handshake completes; `timeout`, if the server ceases to
 * answer, or the audit takes longer than it may; and what connecting fails with.
 */
export async function* findingsOf(task: AuditTask): AsyncGenerator<Finding> {
  const { settings } = task;
  const ended = new AbortController();
  const signal = settings.signal
    ? AbortSignal.any([settings.signal, ended.signal])
    : ended.signal;
  signal.throwIfAborted();
  const client = newClient(task, signal);
  const run = new AuditRun(task, client);
  try {
    yield* run.findings();
  } finally {
    ended.abort(new TlsError("closed", "The audit has ended"));
    // What still runs has connections, and may be about to get sessions.
    await run.over();
    client.state.dispose();
    task.end?.();
  }
}

function newClient(
  { settings, target }: AuditTask,
  signal: AbortSignal,
): AuditClient {
  const { names, alpn, request, clock, seed } = settings;
  const { timeout, maxDuration, silence, adapts } = settings;
  return new AuditClient({
    target,
    defaults: {
      name: names[0],
      alpn,
      credentials: {
        first: settings.certificate,
        second: settings.otherCertificate,
        none: undefined,
      },
    },
    request,
    timeout,
    maxDuration,
    silence,
    adapts,
    seed,
    now: clock?.now ?? ((): number => Date.now()),
    signal,
  });
}

/** The run of an audit. */
class AuditRun {
  readonly #task: AuditTask;
  readonly #client: AuditClient;
  readonly #plan: AuditPlan;
  readonly #running = new Map<AuditStep, Promise<[AuditStep, Finding]>>();
  #done = 0;

  constructor(task: AuditTask, client: AuditClient) {
    this.#task = task;
    this.#client = client;
    this.#plan = planOf(task);
  }

  async *findings(): AsyncGenerator<Finding> {
    this.#progress(null);
    const surroundings = await this.#surroundings();
    const { steps } = this.#plan;
    const alone = steps.filter(({ probe }) => isAlone(probe));
    const others = steps.filter(({ probe }) => !isAlone(probe));
    const { concurrency } = this.#task.settings;
    const run = (step: AuditStep): Promise<Finding> =>
      this.#step(step, surroundings);
    yield* this.#pooled(others, concurrency, run);
    yield* this.#pooled(alone, 1, run);
    this.#progress(null);
  }

  /** Waits until no step runs any more. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #surroundings(): Promise<AuditSurroundings> {
    const { settings, change } = this.#task;
    const { names, samples, clock } = settings;
    const client = this.#client;
    return {
      client,
      survey: await this.#survey(),
      names,
      samples,
      certificateExpiresAt: this.#certificateExpiresAt(),
      advance: (ms) => clock?.advance(ms),
      change: (what) =>
        client.state.limits.pause(() => makeChange(change, what)),
    };
  }

  /** Surveys the server. What fails when the time of the audit is up, fails for that. */
  async #survey(): Promise<Survey> {
    const { limits, parts: { signal } } = this.#client.state;
    try {
      return await surveyed(this.#client);
    } catch (error) {
      signal.throwIfAborted();
      if (!limits.isOver || !(error instanceof TlsError)) throw error;
      throw new TlsError("timeout", limits.stopReason ?? "", { cause: error });
    }
  }

  #certificateExpiresAt(): number | null {
    const { certificate } = this.#task.settings;
    if (certificate?.cert === undefined) return null;
    const { libssl } = this.#client.state.instance;
    return withCertificates(
      libssl,
      certificate.cert,
      ["cert"],
      ([leaf]) => libssl.X509_get0_notAfter(leaf).getTime(),
    );
  }

  /** Runs some steps at a time, and yields what they find. */
  async *#pooled(
    steps: readonly AuditStep[],
    limit: number,
    run: (step: AuditStep) => Promise<Finding>,
  ): AsyncGenerator<Finding> {
    const running = this.#running;
    const waiting = [...steps];
    for (;;) {
      while (running.size < limit) {
        const step = waiting.shift();
        if (step === undefined) break;
        this.#progress(step);
        const found = run(step).then((finding): [AuditStep, Finding] => [
          step,
          finding,
        ]);
        // When the audit ends early, nobody waits for those that still run.
        found.catch(() => {});
        running.set(step, found);
      }
      if (running.size === 0) return;
      const [step, finding] = await Promise.race(running.values());
      running.delete(step);
      this.#done++;
      yield finding;
    }
  }

  async #step(
    step: AuditStep,
    surroundings: AuditSurroundings,
  ): Promise<Finding> {
    const { probe, missing } = step;
    const reason = missing ?? whyNot(step, surroundings);
    if (reason !== null) return findingOf(step, notApplicable(reason));
    const { stopReason } = this.#client.state.limits;
    if (stopReason !== null) throw new TlsError("timeout", stopReason);
    const { clock } = this.#task.settings;
    const time = clock?.now();
    const kind = step.kind ?? bestKind(surroundings);
    const probing = new StepProbing(surroundings, kind, step.connections);
    const begin = performance.now();
    const found = await this.#result(() => probe.run(probing));
    if (clock !== undefined && time !== undefined) clock.set(time);
    const result = await this.#result(() => confirmed(step, found, probing));
    const { connections, evidence } = probing;
    return findingOf(step, result, {
      connections,
      evidence,
      ms: performance.now() - begin,
    });
  }

  async #result(run: () => Promise<ProbeResult>): Promise<ProbeResult> {
    const { signal } = this.#client.state.parts;
    try {
      const result = await run();
      signal.throwIfAborted();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotApplicable) return notApplicable(error.message);
      const message = messageOf(error);
      return { verdict: "inconclusive", summary: message };
    }
  }

  #progress(step: AuditStep | null): void {
    this.#task.settings.onProgress({
      probe: step?.probe.id ?? null,
      kind: step?.kind ?? null,
      done: this.#done,
      total: this.#plan.steps.length,
      connections: this.#client.connections,
    });
  }
}

async function makeChange(
  change: AuditChanges | undefined,
  what: ServerChange,
): Promise<void> {
  if (typeof change === "function") return await change(what);
  const make = change?.[what];
  if (make === undefined) {
    throw new NotApplicable(
      `It needs somebody who changes the server: ${what} (option change)`,
    );
  }
  await make();
}

/** Why a kind of resumption can't be probed, if it can't. */
function whyNot(
  { kind }: AuditStep,
  { survey }: AuditSurroundings,
): string | null {
  if (kind === null) return null;
  const version = kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
  if (!survey.versions.includes(version)) {
    return `The server doesn't speak ${version.replace("v", " ")}`;
  }
  const { given, resumed } = survey.kinds[kind];
  if (!given) return "The server gives no sessions of this kind";
  return resumed ? null : "The server doesn't resume sessions of this kind";
}

/** The kind for probes that are about none: the newest that is resumed. */
function bestKind({ survey }: AuditSurroundings): ResumptionKind {
  const best = KINDS.find((kind) => survey.kinds[kind].resumed);
  if (best !== undefined) return best;
  return survey.versions.includes("TLSv1.3") ? "tls1.3" : "tls1.2-ticket";
}
