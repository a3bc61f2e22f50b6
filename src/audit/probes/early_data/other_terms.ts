import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

const SUITE = "TLS_AES_128_GCM_SHA256";
/** Of the same hash, so that a session of the other can be resumed with it. */
const OTHER_SUITE = "TLS_CHACHA20_POLY1305_SHA256";

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
    const before = { ciphersuites: SUITE };
    const visit = await attempted(
      probing,
      async () =>
        await sendEarly(probing, await earlySession(probing, before), {
          ciphersuites: OTHER_SUITE,
          title: `Early data of a session of ${SUITE} with ${OTHER_SUITE}`,
        }),
      before,
    );
    const facts = { sessionCipher: SUITE, offeredCipher: OTHER_SUITE };
    if (selectedBy(visit) === SUITE) {
      probing.notApplicable(
        `The server selects ${SUITE}, though it isn't offered`,
      );
    }
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

/** The cipher suite that the server selected, even if the client ended the connection for it. */
function selectedBy({ cipher, trace }: Visit): string | null {
  const [hello] = trace.messages({ from: "server", name: "ServerHello" });
  return cipher ?? hello?.message.cipherSuite ?? null;
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

/** Early data with another cipher suite or name than those of its session. */
export const probes: readonly Probe[] = [otherCipher, otherName];
