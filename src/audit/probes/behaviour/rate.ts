import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import {
  completesAlone,
  needsResumption,
  outcomeOf,
  refusedByAlert,
} from "../trial.ts";

/** How many full handshakes must succeed where some with a session have failed. */
const CONTROLS = 3;

const rate: Probe = {
  id: "behaviour/rate",
  title: "Every connection of a returning client is resumed",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: ({ samples }) => samples + 1 + CONTROLS,
  references: ["RFC 5077, 1", "RFC 8446, 2.2"],
  explain: {
    sends:
      "One full handshake, and then as many connections as `--samples` says, each with the newest session that the server has given.",
    expects: "All are resumed.",
    why:
      "If a part is resumed, servers behind one address don't share sessions, and each change of server costs a full handshake. About one half means two servers.",
  },
  advice:
    "Give all servers behind the address the same ticket keys, or a session cache that they share",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const { samples } = probing;
    let session: ClientSession = await probing.session();
    let resumed = 0;
    let failed = 0;
    for (let n = 1; n <= samples; n++) {
      const visit = await probing.visit({
        title: `Connection ${n} of ${samples}`,
        session,
      });
      const outcome = outcomeOf(refusedByAlert(visit));
      if (outcome === "resumed") resumed++;
      if (outcome === "no handshake") failed++;
      session = visit.sessions.at(-1) ?? session;
    }
    const facts = {
      connections: samples,
      resumed,
      failed,
      resumedPercent: Math.round(100 * resumed / samples),
    };
    if (failed > 0) {
      for (let n = 0; n < CONTROLS; n++) await completesAlone(probing);
      return {
        verdict: "fail",
        severity: "medium",
        summary:
          `${failed} of ${samples} handshakes that offered a session failed`,
        advice: "Go on with a full handshake where a session isn't known",
        facts,
      };
    }
    return {
      verdict: resumed === samples ? "pass" : "warn",
      summary: `${resumed} of ${samples} connections were resumed`,
      facts,
    };
  },
};

/** Probes of how many connections are resumed. */
export const probes: readonly Probe[] = [rate];
