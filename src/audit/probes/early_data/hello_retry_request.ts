import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { EARLY_DATA } from "../../client/hello/codes.ts";
import { setExtension, withoutKeyShares } from "../hello_edits.ts";
import { groupsWith, RARE_GROUPS } from "../rare_groups.ts";
import { failureOf } from "../trial.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

const retried: Probe = {
  id: "early-data/hello-retry-request",
  title: "Early data is skipped if the server asks for another hello",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: RARE_GROUPS.length * ATTEMPTED_CONNECTIONS + 1,
  references: ["RFC 8446, 4.1.2", "RFC 8446, 4.2.10"],
  explain: {
    sends:
      "A resumption with early data, and a key share of a group that few servers support. After the HelloRetryRequest the hello is sent again, without early data.",
    expects:
      "The server skips the early data, and the handshake completes. Nothing answers the request in it.",
    why:
      "A server must reject early data that precedes a HelloRetryRequest. If it fails on it, clients can't connect; if it processes it, it does so without the checks of an accepted hello.",
  },
  advice:
    "Have the server discard early data once it has sent a HelloRetryRequest",
  async run(probing): Promise<ProbeResult> {
    for (const rare of RARE_GROUPS) {
      const groups = groupsWith(rare);
      const visit = await attempted(
        probing,
        async () =>
          await sendEarly(probing, await earlySession(probing), {
            groups,
            title: "Early data before a HelloRetryRequest",
            use: async (connection) => void await connection.read(),
          }),
      );
      if (visit.retried) return await judged(probing, visit, groups);
    }
    return probing.notApplicable(
      "The server asks for no other hello: it supports the groups whose key shares were sent",
    );
  },
};

async function judged(
  probing: Probing,
  visit: Visit,
  groups: string,
): Promise<ProbeResult> {
  if (isAccepted(visit)) {
    return {
      verdict: "fail",
      summary: "The server accepts early data after a HelloRetryRequest",
    };
  }
  if (!visit.open) {
    return {
      verdict: "fail",
      severity: "medium",
      summary:
        `The server doesn't skip early data before its HelloRetryRequest: ${
          failureOf(visit)
        }`,
    };
  }
  if (visit.data.length > 0 && !await speaksFirst(probing, groups)) {
    return {
      verdict: "fail",
      summary:
        "The server answers a request in early data that it should have skipped",
      facts: { answeredBytes: visit.data.length },
    };
  }
  return {
    verdict: "pass",
    summary: "Early data before a HelloRetryRequest is skipped",
    facts: { resumed: visit.resumed },
  };
}

async function speaksFirst(
  probing: Probing,
  groups: string,
): Promise<boolean> {
  const { data } = await probing.visit({
    groups,
    title: "Without early data or a request",
    use: async (connection) => void await connection.read(),
  });
  return data.length > 0;
}

const secondHello: Probe = {
  id: "early-data/second-hello",
  title: "A second hello with early data is refused",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: 2,
  references: ["RFC 8446, 4.1.2", "RFC 8446, 4.2.10"],
  explain: {
    sends:
      "A hello with a session and the early_data extension, but no key share, so that the server asks for another by a HelloRetryRequest; then the second hello, again with early_data, which is forbidden there.",
    expects: "An alert, illegal_parameter, or the end of the connection.",
    why:
      "Early data after a HelloRetryRequest would be protected by keys of a hello that isn't the first. The state of a server that goes on isn't one that TLS defines.",
  },
  advice:
    "Update the TLS library: those that are maintained refuse early_data in a second hello",
  async run(probing): Promise<ProbeResult> {
    const session = await earlySession(probing);
    const answer = await probing.hello({
      title: "A second hello with early data",
      session,
      edit(hello): void {
        withoutKeyShares(hello);
        setExtension(hello, EARLY_DATA, new Uint8Array());
      },
      editSecond: (hello) => setExtension(hello, EARLY_DATA, new Uint8Array()),
    });
    if (!answer.retried) {
      probing.notApplicable("The server asks for no second hello");
    }
    const { failure, resumed } = answer;
    const facts = { resumed, alert: failure?.alert ?? null };
    if (failure !== null) {
      return {
        verdict: "pass",
        summary:
          `A second hello with early data is refused: ${failure.message}`,
        facts,
      };
    }
    return {
      verdict: resumed ? "fail" : "warn",
      summary: resumed
        ? "The server resumes a session by a second hello with early data"
        : "The server makes a full handshake of a second hello with early data",
      facts,
    };
  },
};

/** Early data and HelloRetryRequests. */
export const probes: readonly Probe[] = [retried, secondHello];
