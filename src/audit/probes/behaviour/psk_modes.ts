import { PSK_KEY_EXCHANGE_MODES } from "../../client/hello/codes.ts";
import type { Hello, HelloAnswer } from "../../client/hello_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { answerText, offer } from "../attempts.ts";
import { control, needsResumption } from "../trial.ts";

/** The values of psk_key_exchange_modes: RFC 8446, 4.2.9. */
const PSK_KE = 0;
const PSK_DHE_KE = 1;

/** The control's full handshake and resumption, and a session and a hello. */
const CONNECTIONS = 4;

const pskOnly: Probe = {
  id: "behaviour/psk-without-dhe",
  title: "A PSK without (EC)DHE isn't accepted",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONNECTIONS,
  references: ["RFC 8446, 2.2", "RFC 8446, 4.2.9", "RFC 8446, E.1"],
  explain: {
    sends:
      "A session in a hello whose psk_key_exchange_modes has psk_ke only: resumption without a key exchange.",
    expects: "A full handshake, or none.",
    why:
      "Without (EC)DHE the connection has no forward secrecy: whoever learns the session's secret later, such as from a ticket and its key, reads all of it.",
  },
  advice:
    "Disable psk_ke (with OpenSSL: without SSL_OP_ALLOW_NO_DHE_KEX; with GnuTLS: priority -PSK)",
  async run(probing): Promise<ProbeResult> {
    const answer = await offerWith(probing, [PSK_KE]);
    const facts = {
      resumed: answer.resumed,
      keyShare: answer.resumed ? answer.keyShare : null,
    };
    if (!answer.resumed) {
      return {
        verdict: "pass",
        summary: `Not resumed: ${answerText(answer)}`,
        facts,
      };
    }
    return answer.keyShare
      ? {
        verdict: "fail",
        severity: "low",
        summary: "The server resumes by psk_dhe_ke, which wasn't offered",
        advice: "Update the TLS library",
        facts,
      }
      : {
        verdict: "warn",
        summary: "A session is resumed without (EC)DHE: no forward secrecy",
        facts,
      };
  },
};

const preference: Probe = {
  id: "behaviour/psk-prefers-dhe",
  title: "Of a PSK with and without (EC)DHE the server chooses the former",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONNECTIONS,
  references: ["RFC 8446, 2.2", "RFC 8446, 4.2.9"],
  explain: {
    sends:
      "A session in a hello whose psk_key_exchange_modes has psk_ke, and then psk_dhe_ke.",
    expects: "A resumption with a key share.",
    why:
      "Some clients offer both. If the server omits the key exchange, their connections have no forward secrecy.",
  },
  advice: "Disable psk_ke, or prefer psk_dhe_ke",
  async run(probing): Promise<ProbeResult> {
    const answer = await offerWith(probing, [PSK_KE, PSK_DHE_KE]);
    if (!answer.resumed) {
      throw new Error(`The session wasn't resumed: ${answerText(answer)}`);
    }
    const facts = { keyShare: answer.keyShare };
    return answer.keyShare
      ? { verdict: "pass", summary: "Resumed with a key share", facts }
      : {
        verdict: "warn",
        summary: "Resumed without a key share, although one was offered",
        facts,
      };
  },
};

const noModes: Probe = {
  id: "behaviour/psk-without-modes",
  title: "A PSK without psk_key_exchange_modes isn't resumed",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONNECTIONS,
  references: ["RFC 8446, 4.2.9"],
  explain: {
    sends: "A session in a hello without psk_key_exchange_modes.",
    expects:
      "The server ends the handshake, as the RFC says, or makes a full one.",
    why:
      "Without the extension the client allows no use of the PSK. A server that accepts it anyway ignores a mandatory extension.",
  },
  advice: "Update the TLS library",
  async run(probing): Promise<ProbeResult> {
    const answer = await offerWith(probing, []);
    return {
      verdict: answer.resumed ? "fail" : "pass",
      summary: answer.resumed
        ? "The session is resumed"
        : `Not resumed: ${answerText(answer)}`,
      facts: {
        resumed: answer.resumed,
        alert: answer.failure?.alert ?? null,
      },
    };
  },
};

/** Offers a session with these modes, none for no extension, after a control. */
async function offerWith(
  probing: Probing,
  modes: readonly number[],
): Promise<HelloAnswer> {
  needsResumption(probing);
  await control(probing);
  return await offer(probing, {
    title: `A session with psk_key_exchange_modes ${
      modes.join(", ") || "left out"
    }`,
    session: await probing.session(),
    edit: (hello) => setModes(hello, modes),
  });
}

function setModes(hello: Hello, modes: readonly number[]): void {
  hello.extensions = hello.extensions.flatMap((extension) => {
    if (extension.type !== PSK_KEY_EXCHANGE_MODES) return extension;
    if (modes.length === 0) return [];
    return { ...extension, data: Uint8Array.of(modes.length, ...modes) };
  });
}

/** Probes of the key exchange of resumptions in TLS 1.3. */
export const probes: readonly Probe[] = [pskOnly, preference, noModes];
