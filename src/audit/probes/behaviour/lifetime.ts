import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { needsResumption, type Outcome, outcomeOf } from "../trial.ts";

const SEVEN_DAYS = 604_800;
/** Few clients return in less time. */
const SHORT = 60;
/** The ages in seconds at which sessions without a hint are offered: RFC 5246, F.1.4. */
const AGES = [300, 3600, 86_400];

const hint: Probe = {
  id: "behaviour/lifetime-hint",
  title: "Tickets can be used for a minute or longer",
  severity: "low",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 1,
  references: ["RFC 5077, 3.3", "RFC 8446, 4.6.1"],
  explain: {
    sends: "One full handshake.",
    expects:
      `A lifetime of ${SHORT} seconds or more. In TLS 1.2 a server may leave it to the client.`,
    why:
      "Clients discard a ticket when its lifetime ends; in TLS 1.3 one with a lifetime of 0 at once. Most clients don't return within seconds.",
  },
  advice: "Set the session timeout to between some minutes and a day",
  async run(probing): Promise<ProbeResult> {
    const { lifetimeSeconds: seconds } = await probing.session();
    const facts = { lifetimeSeconds: seconds };
    if (seconds === null || seconds === 0 && probing.kind !== "tls1.3") {
      return {
        verdict: "pass",
        summary: "The server leaves it to clients how long they keep tickets",
        facts,
      };
    }
    return {
      verdict: seconds < SHORT ? "warn" : "pass",
      summary: `Tickets can be used for ${seconds} s`,
      facts,
    };
  },
};

const lifetime: Probe = {
  id: "behaviour/lifetime",
  title: "Sessions are resumed for as long as their lifetime, and not longer",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: ["clock"],
  connections: 1 + 2 * AGES.length,
  references: ["RFC 5246, F.1.4", "RFC 5077, 3.3", "RFC 8446, 4.6.1"],
  explain: {
    sends:
      "A session shortly before the lifetime that the server told ends, and another one shortly after it. Sessions without one are offered when they are five minutes, an hour, and a day and a bit old.",
    expects:
      "The first is resumed and the second isn't. Without a lifetime: resumed after five minutes, and not after more than a day.",
    why:
      "A server that forgets sessions early sends clients into full handshakes. One that resumes them for longer than it says has them rely on certificate checks, and on ticket keys, that are older than they know.",
  },
  advice:
    "Give the session cache and the tickets the same lifetime, and check it when a session is resumed",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const { lifetimeSeconds } = await probing.session();
    if (lifetimeSeconds !== null && lifetimeSeconds > SEVEN_DAYS) {
      probing.notApplicable(
        `The server tells a lifetime of ${lifetimeSeconds} s, more than seven days`,
      );
    }
    return lifetimeSeconds === null || lifetimeSeconds === 0
      ? await withoutHint(probing)
      : await withHint(probing, lifetimeSeconds);
  },
};

async function withHint(
  probing: Probing,
  seconds: number,
): Promise<ProbeResult> {
  const margin = Math.max(2, Math.ceil(seconds / 100));
  const before = await outcomeAt(probing, seconds - margin);
  const after = await outcomeAt(probing, seconds + margin);
  const facts = { lifetimeSeconds: seconds, before, after };
  if (after === "resumed") {
    return {
      verdict: probing.kind === "tls1.3" ? "fail" : "warn",
      ...(probing.kind !== "tls1.3" && { severity: "low" }),
      summary: `A session of ${seconds} s is resumed ${margin} s later`,
      facts,
    };
  }
  if (before !== "resumed") {
    return {
      verdict: "warn",
      severity: "low",
      summary: `A session of ${seconds} s isn't resumed ${margin} s before`,
      facts,
    };
  }
  return {
    verdict: "pass",
    summary: `Sessions are resumed for ${seconds} s, as the server says`,
    facts,
  };
}

async function withoutHint(probing: Probing): Promise<ProbeResult> {
  const resumed: number[] = [];
  for (const age of AGES) {
    if (await outcomeAt(probing, age + age / 100) !== "resumed") break;
    resumed.push(age);
  }
  const atLeast = resumed.at(-1) ?? 0;
  const facts = {
    lifetimeSeconds: null,
    atLeastSeconds: atLeast,
    lessThanSeconds: AGES[resumed.length] ?? null,
  };
  const summary = resumed.length === AGES.length
    ? "Sessions are resumed for more than a day"
    : `Sessions are resumed after ${atLeast} s, not after ${
      AGES[resumed.length]
    } s`;
  const isRight = resumed.length > 0 && resumed.length < AGES.length;
  return {
    verdict: isRight ? "pass" : "warn",
    ...(!isRight && { severity: "low" }),
    summary,
    facts,
  };
}

/** What comes of a session of this age. */
async function outcomeAt(probing: Probing, seconds: number): Promise<Outcome> {
  const session = await probing.session();
  await probing.advance(1000 * seconds);
  const visit = await probing.visit({
    title: `A session that is ${seconds} s old`,
    // OpenSSL's client would keep a ticket to itself that has reached its lifetime.
    session: session.with({ lifetimeSeconds: 2 * SEVEN_DAYS }),
  });
  return outcomeOf(visit);
}

/** Probes of how long sessions can be resumed. */
export const probes: readonly Probe[] = [hint, lifetime];
