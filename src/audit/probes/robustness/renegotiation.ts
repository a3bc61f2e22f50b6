import { messageOf } from "../../../internal/error_message.ts";
import type { ClientSession } from "../../client/session.ts";
import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { control, failureOf, needsResumption } from "../trial.ts";

const renegotiated: Probe = {
  id: "robustness/renegotiation",
  title: "A renegotiation doesn't resume another connection's session",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket"],
  needs: [],
  connections: 4,
  references: ["RFC 5746, 3", "RFC 7627, 6"],
  explain: {
    sends:
      "On an open connection a renegotiation that proposes the session of another connection.",
    expects: "No renegotiation, or one with a full handshake.",
    why:
      "The connection continues as that of another client: the server may take data that was sent before for data of the other client, or the other way round.",
  },
  advice:
    "Disable renegotiation (with OpenSSL: SSL_OP_NO_RENEGOTIATION), or resumption in it (SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION)",
  run: (probing) => judge(probing, {}, "warn"),
};

const otherClient: Probe = {
  ...renegotiated,
  id: "robustness/renegotiation-other-client",
  title: "A renegotiation doesn't resume another client's session",
  severity: "high",
  needs: ["certificate", "otherCertificate"],
  explain: {
    sends:
      "On a connection of the first `--cert` a renegotiation that proposes a session of the second.",
    expects: "No renegotiation, or one with a full handshake.",
    why:
      "One connection carries data of two clients. What the server decides by the client certificate is applied to data of the wrong one.",
  },
  run: (probing) => judge(probing, { certificate: "second" }, "fail"),
};

/** Proposes a session of a connection with these options, whose resumption leads to `verdict`. */
async function judge(
  probing: Probing,
  options: Pick<VisitOptions, "certificate">,
  verdict: "warn" | "fail",
): Promise<ProbeResult> {
  needsResumption(probing);
  await control(probing, options);
  const { outcome, reason } = await renegotiate(
    probing,
    // Where sessions are used once, the control's isn't known any more.
    await probing.session(options),
  );
  const facts = { outcome };
  if (outcome === "resumed") {
    const whose = verdict === "fail" ? "client" : "connection";
    const summary = `A renegotiation resumed the session of another ${whose}`;
    return { verdict, summary, facts };
  }
  return {
    verdict: "pass",
    summary: outcome === "refused"
      ? `The server doesn't renegotiate: ${reason}`
      : "The renegotiation was a full handshake",
    facts,
  };
}

async function renegotiate(
  probing: Probing,
  session: ClientSession,
): Promise<{ outcome: string; reason: string }> {
  let isBegun = false;
  let outcome = "refused";
  let reason = "no answer";
  const visit = await probing.visit({
    title: "A renegotiation that proposes the session of another connection",
    use: async (connection) => {
      isBegun = true;
      try {
        const { resumed } = await connection.renegotiate(session);
        outcome = resumed ? "resumed" : "full handshake";
      } catch (error) {
        reason = messageOf(error);
        throw error;
      }
    },
  });
  if (!isBegun) {
    throw new Error(`There was no connection: ${failureOf(visit)}`);
  }
  if (outcome !== "refused" || visit.open) return { outcome, reason };
  return { outcome, reason: visit.failure?.message ?? reason };
}

/** Probes of renegotiation. */
export const probes: readonly Probe[] = [renegotiated, otherClient];
