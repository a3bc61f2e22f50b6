import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { needsResumption } from "../trial.ts";

const WEEK_SECONDS = 604_800;
const MS = 1000;
/** What part of its lifetime passes before a session is resumed. */
const PART = 0.95;
/** What is tried for sessions that don't say how long they live: six hours to about a minute. */
const UNSAID_SECONDS = [21_600, 5400, 1350, 340, 85];
/** The most resumptions: a week of tickets that live two hours. */
const MAX_RESUMPTIONS = 96;
/** How long after its end a session is offered. */
const LATE_SECONDS = 60;

const chain: Probe = {
  id: "proof/chain",
  title: "Resumptions don't put off the next full handshake without limit",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: ["clock"],
  connections: 2 * UNSAID_SECONDS.length + MAX_RESUMPTIONS + 1,
  references: ["RFC 8446, 4.6.1"],
  explain: {
    sends:
      `A session, resumed shortly before its lifetime ends, and the session of that resumption, and so on: for seven days, and at most ${MAX_RESUMPTIONS} times.`,
    expects: "A full handshake within seven days of the first.",
    why:
      "A resumption proves only that the peers have connected before. If each starts the lifetime anew, certificates that have expired or were revoked are never checked again.",
  },
  advice:
    "Limit how long after the last full handshake sessions are resumed: a day is about what certification authorities take to publish revocations",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const chain = new Chain(probing, await probing.session());
    await chain.begin();
    const isLimited = await chain.reachesItsEnd();
    const { resumptions, resumedAt, lifetimeSeconds } = chain;
    const how = `${
      resumptions === 1
        ? "one resumption"
        : `${resumptions} resumptions in a row`
    }, ${shown(resumedAt)} after the full handshake`;
    const facts = {
      lifetimeSeconds,
      resumptions,
      lastResumedAtSeconds: resumedAt,
      limited: isLimited,
    };
    return isLimited
      ? {
        verdict: "pass",
        summary: `The server wants a full handshake after ${how}`,
        facts,
      }
      : {
        verdict: "warn",
        summary:
          `Each resumption starts the lifetime anew: no end after ${how}`,
        facts,
      };
  },
};

/** Resumptions of the session that the one before gave. */
class Chain {
  readonly lifetimeSeconds: number | null;
  resumptions = 0;
  /** The time of the last resumption, in seconds after the full handshake. */
  resumedAt = 0;
  readonly #probing: Probing;
  #newest: ClientSession;
  #passed = 0;
  #step: number;

  constructor(probing: Probing, first: ClientSession) {
    this.#probing = probing;
    this.#newest = first;
    this.lifetimeSeconds = first.lifetimeSeconds || null;
    this.#step = Math.floor((this.lifetimeSeconds ?? 0) * PART);
  }

  /** Resumes once, as late as is possible. */
  async begin(): Promise<void> {
    const steps = this.lifetimeSeconds === null ? UNSAID_SECONDS : [this.#step];
    for (const step of steps) {
      this.#step = step;
      if (await this.#resume()) return;
      this.#newest = await this.#probing.session();
      this.#passed = 0;
    }
    this.#probing.notApplicable(
      "A session isn't resumed shortly before its lifetime ends",
    );
  }

  /** Whether the server ends it within a week. */
  async reachesItsEnd(): Promise<boolean> {
    while (
      this.#passed <= WEEK_SECONDS && this.resumptions < MAX_RESUMPTIONS
    ) {
      const { lifetimeSeconds } = this.#newest;
      if (lifetimeSeconds && lifetimeSeconds * PART < this.#step) {
        // The lifetime counts down: the end is known.
        this.#step = lifetimeSeconds + LATE_SECONDS;
        this.#newest = this.#newest.with({
          lifetimeSeconds: this.#step + LATE_SECONDS,
        });
        return !await this.#resume();
      }
      if (!await this.#resume()) return true;
    }
    return false;
  }

  async #resume(): Promise<boolean> {
    const probing = this.#probing;
    await probing.advance(this.#step * MS);
    this.#passed += this.#step;
    const visit = await probing.visit({
      session: this.#newest,
      title: `The session of ${this.resumptions} resumptions, ${
        shown(this.#passed)
      } after the full handshake`,
    });
    if (!visit.resumed) return false;
    this.resumptions++;
    this.resumedAt = this.#passed;
    this.#newest =
      visit.sessions.findLast(({ kind }) => kind === probing.kind) ??
        this.#newest;
    return true;
  }
}

function shown(seconds: number): string {
  const hours = seconds / 3600;
  return hours < 48
    ? `${hours.toFixed(1)} hours`
    : `${(hours / 24).toFixed(1)} days`;
}

/** Chains of resumptions. */
export const probes: readonly Probe[] = [chain];
