import type { HelloAnswer } from "../../client/hello_types.ts";
import type { Facts } from "../../finding.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { answerText } from "../attempts.ts";
import {
  control,
  failureOf,
  needsResumption,
  type Outcome,
  outcomeOf,
  refusedByAlert,
  sessionsOf,
} from "../trial.ts";

const KINDS = ["tls1.2-id", "tls1.2-ticket"] as const;

const kept: Probe = {
  id: "behaviour/extended-master-secret",
  title: "Sessions have the extended master secret",
  severity: "medium",
  kinds: KINDS,
  needs: [],
  connections: 4,
  references: ["RFC 7627, 5.2", "RFC 7627, 5.3"],
  explain: {
    sends:
      "A full handshake and a resumption, both with the extension extended_master_secret; then both without it.",
    expects:
      "The server answers with the extension in the first two. Clients without it may be refused, make full handshakes, or resume: the facts say which.",
    why:
      "Without it a session isn't bound to the handshake that made it: a server in the middle can make two sessions with the same secret, and resume one in place of the other (triple handshake).",
  },
  advice: "Update the TLS library: all that are maintained have RFC 7627",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const full = await probing.visit({ title: "Full handshake" });
    const session = full.sessions.find(({ kind }) => kind === probing.kind);
    if (session === undefined) {
      throw new Error(
        "The server gave no session of this kind in this handshake",
      );
    }
    const again = await probing.visit({ session });
    const facts = {
      fullHandshake: full.extendedMasterSecret,
      resumption: again.resumed ? again.extendedMasterSecret : null,
      clientsWithoutIt: await withoutIt(probing),
    };
    if (!full.extendedMasterSecret) {
      return {
        verdict: "warn",
        summary: "The server doesn't support the extended master secret",
        facts,
      };
    }
    if (again.resumed) {
      return {
        verdict: "pass",
        summary: "Both handshakes have the extended master secret",
        facts,
      };
    }
    if (again.open) throw new Error("The session wasn't resumed");
    return {
      verdict: "fail",
      summary: `The resumption fails: ${failureOf(again)}`,
      facts,
    };
  },
};

const dropped: Probe = {
  id: "behaviour/extended-master-secret-dropped",
  title: "A session with extended master secret isn't resumed without it",
  severity: "high",
  kinds: KINDS,
  needs: [],
  connections: 5,
  references: ["RFC 7627, 5.3"],
  explain: {
    sends:
      "A session that was made with extended_master_secret, in a hello without the extension.",
    expects:
      "The server ends the handshake, as the RFC says, or makes a full one.",
    why:
      "An attacker in the middle could remove the extension from the resumption, and with it the protection from the triple handshake.",
  },
  advice: "Update the TLS library: it must compare the extension (RFC 7627)",
  async run(probing): Promise<ProbeResult> {
    const { answer, facts } = await offered(probing, true);
    return answer.resumed
      ? {
        verdict: "fail",
        summary: "The session is resumed without the extended master secret",
        facts,
      }
      : {
        verdict: "pass",
        summary: `Not resumed: ${answerText(answer)}`,
        facts,
      };
  },
};

const added: Probe = {
  id: "behaviour/extended-master-secret-added",
  title:
    "A session without extended master secret leads to a full handshake with it",
  severity: "high",
  kinds: KINDS,
  needs: [],
  connections: 5,
  references: ["RFC 7627, 5.3"],
  explain: {
    sends:
      "A session that was made without extended_master_secret, in a hello with the extension.",
    expects: "A full handshake.",
    why:
      "The session's secret isn't bound to its handshake. If it is resumed with the extension, both ends take it for one that is.",
  },
  advice: "Update the TLS library: it must compare the extension (RFC 7627)",
  async run(probing): Promise<ProbeResult> {
    const { answer, facts } = await offered(probing, false);
    if (answer.resumed) {
      return {
        verdict: "fail",
        summary: "The session is resumed with the extended master secret",
        facts,
      };
    }
    return refusedByAlert(answer).failure
      ? {
        verdict: "fail",
        severity: "low",
        summary: `In place of a full handshake: ${answerText(answer)}`,
        facts,
      }
      : { verdict: "pass", summary: "Not resumed: full handshake", facts };
  },
};

/** What comes of a client without the extension that returns. */
async function withoutIt(probing: Probing): Promise<Outcome> {
  const options = { extendedMasterSecret: false };
  const title = "Full handshake without the extension";
  const [session] = await sessionsOf(probing, { ...options, title });
  return session === undefined
    ? "no handshake"
    : outcomeOf(await probing.visit({ ...options, session }));
}

/**
 * Makes a session with or without the extended master secret, at a server that resumes one, and
 * offers it the other way round.
 */
async function offered(
  probing: Probing,
  isMadeWithIt: boolean,
): Promise<{ answer: HelloAnswer; facts: Facts }> {
  needsResumption(probing);
  const visit = await probing.visit({ title: "Full handshake" });
  if (!visit.extendedMasterSecret) {
    probing.notApplicable("The server has no extended master secret");
  }
  await control(probing);
  const answer = await probing.hello({
    title: `The session ${
      isMadeWithIt ? "without" : "with"
    } extended_master_secret`,
    session: await probing.session({ extendedMasterSecret: isMadeWithIt }),
    extendedMasterSecret: !isMadeWithIt,
  });
  const { resumed, failure } = answer;
  return { answer, facts: { resumed, alert: failure?.alert ?? null } };
}

/** Probes of the extended master secret in resumptions of TLS 1.2. */
export const probes: readonly Probe[] = [kept, dropped, added];
