import type { HelloIdentity } from "../../client/hello_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { answerText, offer } from "../attempts.ts";
import { needsResumption } from "../trial.ts";

/** How many unknown identities precede the session's. */
const PRECEDING = [1, 2, 4, 8, 16, 64] as const;

const MAX_IDENTITY_BYTES = 256;

const many: Probe = {
  id: "robustness/many-identities",
  title: "A hello with many identities leads to a handshake",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: [],
  connections: 2 + 2 * PRECEDING.length,
  references: ["RFC 8446, 4.2.11"],
  explain: {
    sends: `A session after ${
      PRECEDING.join(", ")
    } unknown identities, and one before another.`,
    expects:
      "A resumption of the right identity, or a full handshake. Facts tell after how many identities a session is still found: so many look-ups can one hello ask for.",
    why:
      "A server that confuses identities and binders, or ends the handshake, harms clients with several tickets. One that looks up all of them can be made to do much work by one hello.",
  },
  advice:
    "Update the TLS library. Where a look-up costs much, consider the first identities alone",
  run: judge,
};

async function judge(probing: Probing): Promise<ProbeResult> {
  needsResumption(probing);
  const outcomes: string[] = [];
  let found = 0;
  for (const count of [0, ...PRECEDING]) {
    const answer = await offerAfter(probing, count);
    const { resumed, selectedIdentity, failure } = answer;
    outcomes.push(`after ${count}: ${answerText(answer)}`);
    const facts = { outcomes, foundAfter: found };
    if (resumed && selectedIdentity !== count) {
      return {
        verdict: "fail",
        summary: `Of ${
          count + 1
        } identities the server selects number ${selectedIdentity}, and not ${count}`,
        facts,
      };
    }
    if (failure !== null) {
      return {
        verdict: "warn",
        summary:
          `A session after ${count} unknown identities ends the handshake: ${
            answerText(answer)
          }`,
        facts,
      };
    }
    if (!resumed && count === 0) {
      throw new Error("A session before an unknown one wasn't resumed");
    }
    if (resumed) found = count;
  }
  const [most = 0] = PRECEDING.slice(-1);
  return {
    verdict: "pass",
    summary: found === 0
      ? "Only the first identity is considered"
      : found === most
      ? `A session is found after ${most} unknown identities: each is looked up`
      : `A session is found after ${found} unknown identities, and after more it isn't`,
    facts: { outcomes, foundAfter: found },
  };
}

/** Offers a session after unknown identities; without them, before one. */
async function offerAfter(
  probing: Probing,
  count: number,
): ReturnType<typeof offer> {
  const session = await probing.session();
  // All of them have to fit into one extension.
  const bytes = Math.min(session.ticket?.length ?? 0, MAX_IDENTITY_BYTES);
  const unknown = (): HelloIdentity => ({
    identity: probing.random(bytes),
    obfuscatedAge: 0,
    session: null,
  });
  return await offer(probing, {
    title: `A session after ${count} unknown identities`,
    session,
    edit: (hello) => {
      hello.identities = count === 0 ? [...hello.identities, unknown()] : [
        ...Array.from({ length: count }, unknown),
        ...hello.identities,
      ];
    },
  });
}

/** The probe of many identities. */
export const probes: readonly Probe[] = [many];
