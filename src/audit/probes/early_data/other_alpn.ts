import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

const PROTOCOLS = ["h2", "http/1.1"];
const CASES = 3;

const otherAlpn: Probe = {
  id: "early-data/other-alpn",
  title: "Early data is rejected if another protocol is selected by ALPN",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: 1 + CASES * ATTEMPTED_CONNECTIONS,
  references: ["RFC 8446, 4.2.10"],
  explain: {
    sends:
      "Early data with a session that was made with a protocol of ALPN, where another one is offered, or none; and with a session that was made without, where one is offered.",
    expects: "The early data is rejected.",
    why:
      "The server would read the bytes of one protocol as another's, which can make a harmless request a dangerous one (ALPACA).",
  },
  advice: "Compare the protocol of ALPN before early data is accepted",
  async run(probing): Promise<ProbeResult> {
    const first = await usualProtocol(probing);
    const other = PROTOCOLS.find((protocol) => protocol !== first) ?? null;
    const cases: [string | null, string | null][] = [
      [first, other],
      [first, null],
      [null, first],
    ];
    const selected: string[] = [];
    for (const [made, offered] of cases) {
      const visit = await tried(probing, made, offered);
      const protocol = selectedBy(visit);
      // There are servers that select the same, whatever is offered.
      if (protocol === made) continue;
      if (isAccepted(visit)) {
        return {
          verdict: "fail",
          summary: `The server accepts early data of a session with ${
            shown(made)
          } where it selects ${shown(protocol)}`,
          facts: { sessionAlpn: made, selectedAlpn: protocol },
        };
      }
      if (visit.open) selected.push(shown(protocol));
    }
    if (selected.length === 0) {
      throw new Error("The server selected no other protocol than before");
    }
    return {
      verdict: "pass",
      summary:
        "Early data is rejected where another protocol is selected than the session's",
      facts: { usualAlpn: first, selectedAlpn: selected },
    };
  },
};

/** Which protocol the server selects of those that are usual. */
async function usualProtocol(probing: Probing): Promise<string> {
  const { alpn } = await earlySession(probing, { alpn: PROTOCOLS });
  return alpn ??
    probing.notApplicable(
      `The server selects no protocol by ALPN of ${PROTOCOLS.join(" and ")}`,
    );
}

/** Offers a session that was made with one protocol with another. */
function tried(
  probing: Probing,
  made: string | null,
  offered: string | null,
): Promise<Visit> {
  const before = { alpn: offerOf(made) };
  return attempted(
    probing,
    async () => {
      const session = await earlySession(probing, before);
      return await sendEarly(probing, session.with({ alpn: offered }), {
        alpn: offerOf(offered),
        title: `Early data of a session with ${shown(made)}, offered with ${
          shown(offered)
        }`,
      });
    },
    before,
  );
}

function offerOf(protocol: string | null): string[] {
  return protocol === null ? [] : [protocol];
}

/** What the server selected, even if OpenSSL's client ended the connection for it. */
function selectedBy({ alpn, trace }: Visit): string | null {
  const [extensions] = trace
    .messages({ from: "server", name: "EncryptedExtensions" })
    .map(({ message }) => message.extensions);
  const selected = extensions?.find(({ protocols }) => protocols !== undefined);
  return alpn ?? selected?.protocols?.[0] ?? null;
}

function shown(protocol: string | null): string {
  return protocol ?? "no protocol";
}

/** Early data with another protocol than that of its session. */
export const probes: readonly Probe[] = [otherAlpn];
