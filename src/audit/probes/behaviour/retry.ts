import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { groupsWith, RARE_GROUPS } from "../rare_groups.ts";
import { failureOf, trial, TRIAL_CONNECTIONS } from "../trial.ts";

const retry: Probe = {
  id: "behaviour/hello-retry",
  title: "A session is resumed after a HelloRetryRequest",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: RARE_GROUPS.length * TRIAL_CONNECTIONS + 1,
  references: ["RFC 8446, 4.1.4", "RFC 8446, 4.2.11"],
  explain: {
    sends:
      "A session with a key share of a group that the server doesn't accept, but with groups that it does. It asks for one of these by a HelloRetryRequest, and gets a second hello with the session again.",
    expects: "The session is resumed.",
    why:
      "When new groups are introduced, many clients send a key share of a group that the server doesn't have. A server that looks a single-use ticket up twice, or computes the binder over the second hello alone, makes a full handshake or fails.",
  },
  advice:
    "Keep the session that was found for the first hello until the second, and compute its binder over both",
  async run(probing): Promise<ProbeResult> {
    for (const rare of RARE_GROUPS) {
      const { outcome, visit } = await trial(
        probing,
        () => offer(probing, rare),
      );
      if (!visit.retried && outcome !== "no handshake") continue;
      const facts = { retried: visit.retried, group: visit.group };
      if (outcome === "no handshake") {
        const alone = await probing.visit({ groups: groupsWith(rare) });
        if (!alone.open) {
          probing.notApplicable(
            `The server fails with a key share of ${rare} without a session, too`,
          );
        }
        return {
          verdict: "fail",
          severity: "medium",
          summary: `A session fails with a second hello: ${failureOf(visit)}`,
          facts,
        };
      }
      return outcome === "resumed"
        ? {
          verdict: "pass",
          summary: "A session is resumed after a HelloRetryRequest",
          facts,
        }
        : {
          verdict: "warn",
          summary: "A HelloRetryRequest leads to a full handshake",
          facts,
        };
    }
    return probing.notApplicable(
      `The server sends no HelloRetryRequest: it accepts ${
        RARE_GROUPS.join(" and ")
      }`,
    );
  },
};

async function offer(probing: Probing, rare: string): Promise<Visit> {
  const session = await probing.session();
  return await probing.visit({
    title: `A session with a key share of ${rare} only`,
    session,
    groups: groupsWith(rare),
  });
}

/** Probes of resumptions with two hellos. */
export const probes: readonly Probe[] = [retry];
