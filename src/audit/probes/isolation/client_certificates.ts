import type { ClientSession } from "../../client/session.ts";
import type { Visit, VisitOptions } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  answered,
  isAdmitted,
  isLetIn,
  visited,
  VISITED_CONNECTIONS,
  visitedWhereAsked,
} from "../admission.ts";
import { confirmResumption } from "./control.ts";

/** How often answers are compared, so that what differs by chance isn't believed. */
const ROUNDS = 3;
const IDENTITY_CONNECTIONS = ROUNDS * (3 + VISITED_CONNECTIONS) + 2;

type Certificate = NonNullable<VisitOptions["certificate"]>;

/** A session of one client certificate, offered by a client with another or with none. */
export const probes: readonly Probe[] = [
  {
    id: "isolation/other-certificate",
    title:
      "Who resumes a session is taken for the client that made it, whatever certificate it has",
    severity: "critical",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate", "otherCertificate"],
    connections: IDENTITY_CONNECTIONS,
    references: ["RFC 8446, 4.6.1", "RFC 5246, 7.3"],
    explain: {
      sends:
        "Requests by a client with the second certificate, by one with the first, and on a session of the first by a client that has the second.",
      expects:
        "The answer to the client of the first certificate, as the session is its own. The certificate is not asked for again.",
      why:
        "A server that takes the client for another one gives it the other's rights.",
    },
    advice:
      "Take the client's identity from the session of the connection (SSL_get0_peer_certificate), not from what was remembered elsewhere",
    run: (probing) => runIdentity(probing, "second"),
  },
  {
    id: "isolation/no-certificate",
    title:
      "Who resumes a session is taken for the client that made it, without showing its certificate again",
    severity: "medium",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate"],
    connections: IDENTITY_CONNECTIONS,
    references: ["RFC 8446, 4.6.1", "RFC 5246, 7.3"],
    explain: {
      sends:
        "Requests by a client without a certificate, by one with, and on a session of the latter by a client that has none at hand.",
      expects:
        "The answer to the client with the certificate, as the session is its own.",
      why:
        "A server that forgets the certificate serves an authenticated client as an anonymous one: rules that deny somebody don't hold any more.",
    },
    advice:
      "Keep the client's certificate in the session, and read it from there; or turn resumption off for clients with certificates",
    run: (probing) => runIdentity(probing, "none"),
  },
  {
    id: "isolation/refused-client",
    title: "A client that was turned away gets no session that lets it in",
    severity: "critical",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate"],
    connections: 3 + 2 * VISITED_CONNECTIONS,
    references: ["RFC 8446, 4.4.2.4", "RFC 8446, 4.6.1"],
    explain: {
      sends:
        "The sessions that the server gave a client without a certificate, though it requires one.",
      expects: "No sessions, or none that lets the client in.",
      why:
        "If one does, anybody gets in: a full handshake without a certificate fails, the resumption after it doesn't.",
    },
    advice:
      "Send tickets after the client's certificate has been verified, and check on resumption that the session has one",
    run: runRefusedClient,
  },
];

async function runIdentity(
  probing: Probing,
  certificate: Certificate,
): Promise<ProbeResult> {
  requireRequest(probing);
  const { offer, taken } = await crossed(probing, certificate);
  const facts = { resumed: offer.resumed, admitted: isAdmitted(offer) };
  if (!offer.resumed) {
    await confirmResumption(probing, { certificate: "first" });
    return { verdict: "pass", summary: "The session is not resumed", facts };
  }
  // Servers behind one address differ in their answers, too.
  for (let n = 1; n < ROUNDS && taken !== null; n++) {
    if ((await crossed(probing, certificate)).taken === taken) continue;
    throw new Error(
      "Repeated, the server identified the client differently",
    );
  }
  switch (taken) {
    case "own":
      return {
        verdict: "pass",
        summary:
          "On a resumed connection the server knows the client that made it",
        facts,
      };
    case "other":
      return certificate === "none"
        ? {
          verdict: "warn",
          summary:
            "On a resumed connection the server doesn't know the client's certificate any more",
          facts,
        }
        : {
          verdict: "fail",
          summary:
            "On a session of one client the server takes the client for another",
          facts,
        };
    default:
      return probing.notApplicable(
        "The server's answer doesn't depend on the client certificate: it doesn't show which client the server sees",
      );
  }
}

/** Offers the first client's session by another client, and sees whom the server takes it for. */
async function crossed(
  probing: Probing,
  certificate: Certificate,
): Promise<{ offer: Visit; taken: "own" | "other" | null }> {
  const before = await answerTo(probing, certificate);
  const own = await answerTo(probing, "first");
  if (!isAdmitted(own)) {
    probing.notApplicable(
      "The server turns the client certificate away: give one that it accepts (--cert)",
    );
  }
  const after = await answerTo(probing, certificate);
  const offer = await visited(probing, {
    certificate,
    session: sessionOf(probing, own),
    title: `The session of the first certificate, offered by a client ${
      shown(certificate)
    }`,
  });
  return { offer, taken: takenFor(offer, { before, own, after }) };
}

async function answerTo(
  probing: Probing,
  certificate: Certificate,
): Promise<Visit> {
  const title = `A client ${shown(certificate)}`;
  return answered(await probing.visit({ certificate, title }));
}

function shown(certificate: Certificate): string {
  return certificate === "none"
    ? "without a certificate"
    : `with the ${certificate} certificate`;
}

/**
 * Whom a server takes a client for, by its answers to the client itself and, before and after, to
 * the other one. A line with the time isn't taken for a difference: what the answers before and
 * after have in common, that in between has as well.
 */
function takenFor(
  offer: Visit,
  { before, own, after }: Record<"before" | "own" | "after", Visit>,
): "own" | "other" | null {
  if (isAdmitted(before) !== isAdmitted(own)) {
    return isAdmitted(offer) ? "own" : "other";
  }
  const [others, owns, othersAgain] = [
    linesOf(before),
    linesOf(own),
    linesOf(after),
  ];
  for (const line of linesOf(offer)) {
    const isOthers = others.has(line) && othersAgain.has(line);
    if (isOthers && !owns.has(line)) return "other";
    if (owns.has(line) && !othersAgain.has(line)) return "own";
  }
  return null;
}

async function runRefusedClient(probing: Probing): Promise<ProbeResult> {
  requireRequest(probing);
  const refused = await visitedWhereAsked(probing, {
    certificate: "none",
    title: "A client without a certificate",
  });
  if (isAdmitted(refused)) {
    probing.notApplicable("The server requires no client certificate");
  }
  const session = refused.sessions.find(({ kind }) => kind === probing.kind);
  const offer = session === undefined ? null : await visited(probing, {
    certificate: "none",
    session,
    title: "The session that the client was given all the same",
  });
  const resumed = offer?.resumed ?? false;
  const facts = { given: offer !== null, resumed };
  if (offer !== null && isLetIn({ resumed, admitted: isAdmitted(offer) })) {
    return {
      verdict: "fail",
      summary:
        "A client without a certificate is turned away, and let in on the session that it was given",
      facts,
    };
  }
  await confirmResumption(probing, { certificate: "first" });
  return {
    verdict: "pass",
    summary: offer === null
      ? "A client without a certificate is given no session"
      : "The session that a client without a certificate is given doesn't let it in",
    facts,
  };
}

function requireRequest(probing: Probing): void {
  if (probing.survey.clientCertificate === "none") {
    probing.notApplicable(
      `${probing.name} asks for no client certificate: if another name does, give that as the first (--name)`,
    );
  }
}

function sessionOf(probing: Probing, { sessions }: Visit): ClientSession {
  return sessions.find(({ kind }) => kind === probing.kind) ??
    probing.notApplicable("The server gives no such session");
}

function linesOf({ data }: Visit): Set<string> {
  return new Set(new TextDecoder().decode(data).split(/\r?\n/));
}
