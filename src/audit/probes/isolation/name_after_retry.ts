import { SERVER_NAME } from "../../client/hello/codes.ts";
import { uint, vector } from "../../client/hello/vectors.ts";
import {
  NotApplicable,
  type Probe,
  type ProbeResult,
  type Probing,
} from "../../probe.ts";
import { answerText, offer } from "../attempts.ts";
import { setExtension, withoutKeyShares } from "../hello_edits.ts";
import { confirmResumption, CONTROL_CONNECTIONS } from "./control.ts";

const HOST_NAME = 0;
/** Of each direction: two sessions, offered once each. */
const WAY_CONNECTIONS = 4;

/** A session of one name, and the other name in the hello that follows a HelloRetryRequest. */
export const probes: readonly Probe[] = [{
  id: "isolation/name-after-retry",
  title: "The name of a retried hello is that of the first",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: ["otherName"],
  connections: 2 * WAY_CONNECTIONS + CONTROL_CONNECTIONS,
  references: ["CVE-2026-116375", "RFC 8446, 4.1.2"],
  explain: {
    sends:
      "A session of one name in a ClientHello with that name and without a key share; after the HelloRetryRequest, the same hello with the other name, in both directions.",
    expects:
      "The alert illegal_parameter, as a client may not change its name, or what the other name answers to the session otherwise: a full handshake.",
    why:
      "Mbed TLS, to 3.6.7, 4.1.1 and 4.2.0, kept what it had decided for the first name, such as to ask for no client certificate, and told the application of the second. A server that goes by the first name throughout, as Apache does, loses nothing by it; which one it goes by can't be seen from here.",
  },
  advice:
    "Choose the host again for a second hello, or refuse it if the name has changed (Mbed TLS: later than 3.6.7, 4.1.1 and 4.2.0); at least, go by the name that the host was chosen by",
  run: runNameAfterRetry,
}];

async function runNameAfterRetry(probing: Probing): Promise<ProbeResult> {
  const { name, otherName } = probing;
  if (otherName === null) probing.notApplicable("There is one name (--name)");
  const outcomes: string[] = [];
  for (const [from, to] of [[name, otherName], [otherName, name]] as const) {
    const outcome = await retriedAs(probing, from, to).catch(nothingToSee);
    if (outcome === null) continue;
    if (outcome === "resumed") {
      return {
        verdict: "warn",
        summary:
          `A session of ${from} is resumed by a second hello with the name ${to}, which refuses it in a first one`,
        facts: { from, to },
      };
    }
    outcomes.push(outcome);
  }
  if (outcomes.length === 0) {
    probing.notApplicable(
      "The names resume each other's sessions, or send no HelloRetryRequest",
    );
  }
  await confirmResumption(probing);
  return {
    verdict: "pass",
    summary: `A second hello with another name isn't resumed: ${
      [...new Set(outcomes)].join(", ")
    }`,
    facts: { outcomes },
  };
}

/** The result of a name that changed; null if the server showed none. */
async function retriedAs(
  probing: Probing,
  from: string,
  to: string,
): Promise<string | null> {
  const plain = await offer(probing, {
    title: `A session of ${from} at ${to}`,
    session: await probing.session({ name: from }),
    name: to,
  });
  if (plain.resumed) return null;
  const answer = await probing.hello({
    title: `A session of ${from}, and ${to} in the second hello`,
    session: await probing.session({ name: from }),
    name: from,
    edit: withoutKeyShares,
    editSecond: (hello) => setExtension(hello, SERVER_NAME, serverName(to)),
  });
  return answer.retried ? answerText(answer) : null;
}

/** A name that gives no session has nothing to see. */
function nothingToSee(error: unknown): null {
  if (error instanceof NotApplicable) return null;
  throw error;
}

/** The data of server_name (RFC 6066, 3). */
function serverName(name: string): Uint8Array {
  const host = new TextEncoder().encode(name);
  return vector(2, uint(1, HOST_NAME), vector(2, host));
}
