import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { VISITED_CONNECTIONS } from "../admission.ts";
import { confirmResumption, CONTROL_CONNECTIONS, shown } from "./control.ts";
import {
  crossBothWays,
  type Crossing,
  CROSSING_CONNECTIONS,
} from "./crossing.ts";
import { judged, worstOf } from "./crossing_verdicts.ts";
import { hostNameOf, sameTerms, termsAt } from "./name_terms.ts";

const TERMS_CONNECTIONS = VISITED_CONNECTIONS;

const ADVICE =
  "Give each virtual host a session id context, session cache and ticket keys of its own; where they are those of the address, as in nginx, an address of its own";

/** A session of one name at another: of another host, of none, and spelled differently. */
export const probes: readonly Probe[] = [
  {
    id: "isolation/other-name",
    title: "A session is resumed under no other name",
    severity: "medium",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["otherName"],
    connections: 2 * CROSSING_CONNECTIONS + 2 * CONTROL_CONNECTIONS,
    references: [
      "RFC 6066, 3",
      "RFC 8446, 4.2.11",
      "RFC 8446, 4.6.1",
      "CVE-2026-48934",
    ],
    explain: {
      sends:
        "A session that was made for one name, in a ClientHello with the other name, in both directions; and a full handshake for each.",
      expects:
        "A full handshake. RFC 6066 forbids to resume the session in TLS 1.2. RFC 8446 allows it in TLS 1.3, where it is harmless if both names show the same certificate.",
      why:
        "A resumed handshake has no certificate. A client that offers a session to another host, as Node.js did (CVE-2026-48934), takes that host for the one whose certificate it has verified. And a host doesn't make the checks of its clients in a resumption that it makes in a full handshake.",
    },
    advice: ADVICE,
    run: runOtherName,
  },
  spelling({
    id: "isolation/no-name",
    title: "A session of a name is not resumed without one, nor vice versa",
    spelled: () => null,
    what: "no server_name extension",
  }),
  spelling({
    id: "isolation/trailing-dot",
    title: "A session of a name is not resumed under it with a dot at its end",
    spelled: (name) => `${name}.`,
    what: "the name with a dot at its end, which RFC 6066 doesn't allow",
  }),
];

async function runOtherName(probing: Probing): Promise<ProbeResult> {
  const { name, otherName } = probing;
  const found = await crossed(probing, otherName);
  if (found !== null) return found;
  await confirmResumption(probing);
  await confirmResumption(probing, { name: otherName });
  return {
    verdict: "pass",
    summary: `${name} and ${
      shown(otherName)
    } don't resume each other's sessions`,
    facts: { resumed: false },
  };
}

/** A probe of a spelling by which a server may find other terms than by the name itself. */
function spelling({ id, title, spelled, what }: {
  id: string;
  title: string;
  spelled: (name: string) => string | null;
  what: string;
}): Probe {
  return {
    id,
    title,
    severity: "medium",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: [],
    connections: 2 * TERMS_CONNECTIONS + 4 * CROSSING_CONNECTIONS +
      CONTROL_CONNECTIONS,
    references: ["RFC 6066, 3", "RFC 8446, 4.2.11"],
    explain: {
      sends:
        `A session that was made for the name, in a ClientHello with ${what}, and one that was made so with the name; with a client certificate, and without if the server asks for one.`,
      expects:
        "A full handshake, unless the server treats both alike: then there is nothing to probe.",
      why:
        "The server's default host answers. Its sessions must not be accepted by the host of the name, nor the other way round.",
    },
    advice: ADVICE,
    async run(probing): Promise<ProbeResult> {
      const name = hostNameOf(probing);
      const other = spelled(name);
      const [own, others] = [
        await termsAt(probing, { name }),
        await termsAt(probing, { name: other }),
      ];
      if (sameTerms(probing, own, others)) {
        probing.notApplicable(
          `The server treats ${
            shown(other)
          } like ${name}: it shows the same certificate and asks for the same`,
        );
      }
      const certificates = own.certificateRequested ||
          others.certificateRequested
        ? ["first", "none"] as const
        : ["first"] as const;
      const found = await crossed(probing, other, certificates);
      if (found !== null) return found;
      await confirmResumption(probing);
      return {
        verdict: "pass",
        summary: `Sessions of ${name} and of ${shown(other)} are kept apart`,
        facts: { resumed: false },
      };
    },
  };
}

/** The worst of what was resumed between the name and another; null if nothing was. */
async function crossed(
  probing: Probing,
  to: string | null,
  certificates: readonly ("first" | "none")[] = ["first"],
): Promise<ProbeResult | null> {
  const crossings: Crossing[] = [];
  for (const certificate of certificates) {
    const way = { from: probing.name, to, certificate };
    crossings.push(...await crossBothWays(probing, way));
  }
  if (crossings.length === 0) {
    probing.notApplicable("The server gives no session of this kind");
  }
  return worstOf(
    crossings.filter(({ resumed }) => resumed)
      .map((crossing) => judged(probing, crossing)),
  );
}
