import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

const PROTOCOLS = ["h2", "http/1.1"];
const SUITE = "TLS_AES_128_GCM_SHA256";
/** Of the same hash, so that a session of the other can be resumed with it. */
const OTHER_SUITE = "TLS_CHACHA20_POLY1305_SHA256";

const otherAlpn: Probe = {
  id: "early-data/other-alpn",
  title: "Early data is rejected if another protocol is selected by ALPN",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: 1 + 2 * ATTEMPTED_CONNECTIONS,
  references: ["RFC 8446, 4.2.10"],
  explain: {
    sends:
      "Sessions that were made with a protocol of ALPN, offered with early data and another protocol, and with none.",
    expects: "The early data is rejected.",
    why:
      "The server would read the bytes of one protocol as another's, which can make a harmless request a dangerous one (ALPACA).",
  },
  advice: "Compare the protocol of ALPN before early data is accepted",
  async run(probing): Promise<ProbeResult> {
    const first = await withProtocol(probing);
    const others = PROTOCOLS.filter((protocol) => protocol !== first);
    const offers = [others.slice(0, 1), []];
    const selected: string[] = [];
    for (const alpn of offers) {
      const visit = await attempted(probing, async () => {
        const session = await earlySession(probing, { alpn: [first] });
        return await sendEarly(
          probing,
          session.with({ alpn: alpn[0] ?? null }),
          {
            alpn,
            title: `Early data of ${first}, offered with ${
              alpn[0] ?? "no ALPN"
            }`,
          },
        );
      }, { alpn: [first] });
      if (isAccepted(visit)) {
        return {
          verdict: "fail",
          summary:
            `The server accepts early data of a session with ${first} where ${
              alpn[0] ?? "no ALPN"
            } is offered`,
          facts: { sessionAlpn: first, offeredAlpn: alpn[0] ?? null },
        };
      }
      if (visit.open) selected.push(visit.alpn ?? "none");
    }
    if (selected.length === 0) {
      throw new Error("The server ended all connections with another protocol");
    }
    return {
      verdict: "pass",
      summary:
        `Early data of a session with ${first} is rejected where another protocol is selected`,
      facts: { sessionAlpn: first, selectedAlpn: selected },
    };
  },
};

/** Which protocol the server selects of those that are usual. */
async function withProtocol(probing: Probing): Promise<string> {
  const { alpn } = await earlySession(probing, { alpn: PROTOCOLS });
  return alpn ??
    probing.notApplicable(
      `The server selects no protocol by ALPN of ${PROTOCOLS.join(" and ")}`,
    );
}

const otherCipher: Probe = {
  id: "early-data/other-cipher",
  title: "Early data is rejected if another cipher suite is selected",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: ATTEMPTED_CONNECTIONS,
  references: ["RFC 8446, 4.2.10"],
  explain: {
    sends:
      `A session of ${SUITE}, offered with early data and ${OTHER_SUITE} alone, which has the same hash.`,
    expects: "The session may be resumed; the early data is rejected.",
    why:
      "The early data would be protected by a cipher suite that the session wasn't made for.",
  },
  advice:
    "Compare the cipher suite before early data is accepted: with OpenSSL, which doesn't, in SSL_CTX_set_allow_early_data_cb",
  async run(probing): Promise<ProbeResult> {
    const visit = await attempted(
      probing,
      async () =>
        await sendEarly(probing, await sessionOfSuite(probing), {
          ciphersuites: OTHER_SUITE,
          title: `Early data of a session of ${SUITE} with ${OTHER_SUITE}`,
        }),
      { ciphersuites: SUITE },
    );
    const facts = { sessionCipher: SUITE, offeredCipher: OTHER_SUITE };
    if (isAccepted(visit)) {
      return {
        verdict: "fail",
        summary:
          `The server accepts early data of a session of ${SUITE} where ${OTHER_SUITE} is selected`,
        facts,
      };
    }
    if (!visit.open && visit.failure?.alert === "handshake_failure") {
      probing.notApplicable(`The server doesn't support ${OTHER_SUITE}`);
    }
    return {
      verdict: "pass",
      summary:
        `Early data of a session of ${SUITE} is rejected where ${OTHER_SUITE} is selected`,
      facts,
    };
  },
};

async function sessionOfSuite(probing: Probing): Promise<ClientSession> {
  const full = await probing.visit({
    ciphersuites: SUITE,
    title: `Full handshake with ${SUITE}`,
  });
  if (!full.open) {
    probing.notApplicable(`The server doesn't support ${SUITE}`);
  }
  const [session] = full.sessions;
  return session !== undefined && session.maxEarlyData > 0
    ? session
    : probing.notApplicable("The server's tickets allow no early data");
}

const otherName: Probe = {
  id: "early-data/other-name",
  title: "Early data is rejected if another server name is asked for",
  severity: "high",
  kinds: ["tls1.3"],
  needs: ["otherName"],
  connections: ATTEMPTED_CONNECTIONS + 2,
  references: ["RFC 6066, 3", "RFC 8446, 4.6.1", "RFC 8470, 3"],
  explain: {
    sends:
      "A session that was made with one name, offered with early data and the other name.",
    expects: "The early data is rejected.",
    why:
      "A request would reach a virtual host whose certificate the client hasn't seen, before the handshake says which host that is.",
  },
  advice: "Compare the server name before early data is accepted",
  async run(probing): Promise<ProbeResult> {
    const { otherName } = probing;
    const visit = await attempted(probing, async () => {
      const session = await earlySession(probing);
      return await sendEarly(probing, session.with({ name: otherName }), {
        name: otherName,
        title: `Early data of a session of ${probing.name} with ${otherName}`,
      });
    });
    if (!isAccepted(visit)) {
      return {
        verdict: "pass",
        summary:
          `Early data of a session of ${probing.name} is rejected with ${otherName}`,
      };
    }
    const [one, other] = [
      await probing.visit({ title: `Full handshake with ${probing.name}` }),
      await probing.visit({
        name: otherName,
        title: `Full handshake with ${otherName}`,
      }),
    ];
    const isSame = one.certificate === other.certificate;
    return {
      verdict: isSame ? "warn" : "fail",
      ...(isSame && { severity: "low" }),
      summary:
        `The server accepts early data of a session of ${probing.name} with ${otherName}, which has ${
          isSame ? "the same" : "another"
        } certificate`,
      facts: { sameCertificate: isSame },
    };
  },
};

/** Early data on other terms than those of its session. */
export const probes: readonly Probe[] = [otherAlpn, otherCipher, otherName];
