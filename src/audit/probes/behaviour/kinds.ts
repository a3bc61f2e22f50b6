import type { ResumptionKind } from "../../finding.ts";
import type { Probe, ProbeResult, Survey } from "../../probe.ts";

const KINDS: readonly ResumptionKind[] = [
  "tls1.2-id",
  "tls1.2-ticket",
  "tls1.3",
];

const kinds: Probe = {
  id: "behaviour/kinds",
  title: "Each version of TLS resumes sessions",
  severity: "low",
  kinds: [],
  needs: [],
  connections: 0,
  references: ["RFC 5246, 7.3", "RFC 5077, 3", "RFC 8446, 2.2"],
  explain: {
    sends:
      "Nothing of its own: before the probes, one full handshake of each kind is made, and its session is offered once.",
    expects:
      "In TLS 1.2 a session id or a ticket that is resumed, and in TLS 1.3 a ticket that is.",
    why:
      "Without resumption each connection pays for a full handshake: a signature, a certificate chain, and in TLS 1.2 a round trip.",
  },
  advice:
    "Enable the session cache or session tickets, or give all servers behind the address the same ticket keys",
  run({ survey }): Promise<ProbeResult> {
    const withoutAny = survey.versions.filter((version) =>
      !kindsOf(version).some((kind) => survey.kinds[kind].resumed)
    );
    return Promise.resolve({
      verdict: withoutAny.length === 0 ? "pass" : "warn",
      summary: withoutAny.length === 0
        ? `Resumed: ${list(survey, (kind) => kind.resumed)}`
        : `No session of ${withoutAny.join(" or ")} is resumed`,
      facts: {
        versions: survey.versions,
        given: KINDS.filter((kind) => survey.kinds[kind].given),
        resumed: KINDS.filter((kind) => survey.kinds[kind].resumed),
        clientCertificate: survey.clientCertificate,
        otherGroups: survey.otherGroups,
      },
    });
  },
};

function kindsOf(version: Survey["versions"][number]): ResumptionKind[] {
  return version === "TLSv1.3" ? ["tls1.3"] : ["tls1.2-id", "tls1.2-ticket"];
}

const WORDS: Readonly<Record<ResumptionKind, string>> = {
  "tls1.2-id": "TLS 1.2 by session id",
  "tls1.2-ticket": "TLS 1.2 by ticket",
  "tls1.3": "TLS 1.3 by ticket",
};

function list(
  survey: Survey,
  holds: (kind: Survey["kinds"][ResumptionKind]) => boolean,
): string {
  return KINDS.filter((kind) => holds(survey.kinds[kind]))
    .map((kind) => WORDS[kind]).join(", ");
}

/** Probes of the kinds of resumption. */
export const probes: readonly Probe[] = [kinds];
