import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { type Outcome, trial, TRIAL_CONNECTIONS } from "../trial.ts";

const clean: Probe = {
  id: "behaviour/clean-close",
  title: "A session is resumed after a clean close",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: TRIAL_CONNECTIONS,
  references: ["RFC 5246, 7.2.1", "RFC 8446, 6.1"],
  explain: {
    sends:
      "A full handshake on a connection that ends with close_notify, and a resumption of its session.",
    expects: "It is resumed.",
    why:
      "Clients that follow the RFCs end connections like this. If the session is lost with the connection, such clients never resume.",
  },
  advice: "Keep the session when a connection ends",
  run: (probing) => keeps(probing, "close_notify", "after a clean close"),
};

const unclean: Probe = {
  id: "behaviour/unclean-close",
  title: "A session is resumed after a close without close_notify",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: TRIAL_CONNECTIONS,
  references: ["RFC 5246, 7.2.1", "RFC 8446, 6.1"],
  explain: {
    sends:
      "A full handshake on a connection that ends without close_notify, and a resumption of its session.",
    expects: "It is resumed: since TLS 1.1 such an end is no reason not to.",
    why:
      "Mobile clients lose connections, and many clients send no close_notify. OpenSSL takes a session out of its cache if the server frees the connection without SSL_shutdown.",
  },
  advice:
    "Call SSL_shutdown (or SSL_set_shutdown) before the connection is freed",
  run: (probing) => keeps(probing, "abrupt", "after an unclean close"),
};

const alert: Probe = {
  id: "behaviour/fatal-alert",
  title: "A session that the server keeps is forgotten after a fatal alert",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: TRIAL_CONNECTIONS,
  references: ["RFC 5246, 7.2.2", "RFC 8446, 6.2"],
  explain: {
    sends:
      "A full handshake on a connection that ends with a fatal alert, and a resumption of its session.",
    expects:
      "By id in TLS 1.2 a full handshake. Tickets may be resumed: a server without state can't forget them, and TLS 1.3 has them discarded if possible.",
    why:
      "A fatal alert can mean that somebody interferes with the connection. The client forgets the session, and nobody else should be able to use it.",
  },
  advice:
    "Remove the session from the cache when a fatal alert is sent or received (with OpenSSL: by the remove callback)",
  async run(probing): Promise<ProbeResult> {
    const outcome = await after(probing, "alert");
    const facts = { resumed: outcome === "resumed" };
    if (outcome === "resumed") {
      return probing.kind === "tls1.2-id"
        ? {
          verdict: "fail",
          summary: "A session is resumed after a fatal alert",
          facts,
        }
        : {
          verdict: "pass",
          summary: "A ticket is resumed after a fatal alert, which is allowed",
          facts,
        };
    }
    return {
      ...notResumed(outcome, "after a fatal alert"),
      ...(outcome === "full handshake" && { verdict: "pass" }),
      facts,
    };
  },
};

async function keeps(
  probing: Probing,
  end: NonNullable<VisitOptions["end"]>,
  when: string,
): Promise<ProbeResult> {
  const outcome = await after(probing, end);
  const facts = { resumed: outcome === "resumed" };
  return outcome === "resumed"
    ? { verdict: "pass", summary: `A session is resumed ${when}`, facts }
    : { ...notResumed(outcome, when), facts };
}

/** What comes of a session of a connection that ended in a way. */
async function after(
  probing: Probing,
  end: NonNullable<VisitOptions["end"]>,
): Promise<Outcome> {
  const { outcome } = await trial(probing, async () => {
    const title = `Full handshake, ended by ${
      end === "abrupt" ? "closing without close_notify" : end
    }`;
    // A server that has answered a request would have closed the connection itself.
    const use = (): Promise<void> => Promise.resolve();
    const session = await probing.session({ title, end, use });
    return await probing.visit({ session });
  });
  return outcome;
}

function notResumed(
  outcome: Exclude<Outcome, "resumed">,
  when: string,
): ProbeResult {
  if (outcome === "full handshake") {
    return { verdict: "warn", summary: `A session isn't resumed ${when}` };
  }
  return {
    verdict: "fail",
    severity: "medium",
    summary: `A session that is offered ${when} ends the handshake`,
    advice: "Go on with a full handshake where a session isn't known",
  };
}

/** Probes of how the end of a connection affects its session. */
export const probes: readonly Probe[] = [clean, unclean, alert];
