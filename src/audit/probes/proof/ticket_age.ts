import type { Probe, ProbeResult } from "../../probe.ts";
import { answerText, offer } from "../attempts.ts";
import { needsResumption } from "../trial.ts";

const DAY = 86_400_000;
/** Ages that aren't true, in milliseconds. */
const AGES: readonly (readonly [title: string, age: number])[] = [
  ["an age of a day", DAY],
  ["an age of eight days", 8 * DAY],
  ["an age before its time", -DAY],
];

const age: Probe = {
  id: "proof/ticket-age",
  title: "A ticket with an untrue age leads to a handshake all the same",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: 2 * AGES.length,
  references: ["RFC 8446, 4.2.11.1", "RFC 8446, 8.3"],
  explain: {
    sends:
      "New tickets whose obfuscated age says that they are a day old, eight days old, and not yet given.",
    expects:
      "A resumption or a full handshake: without early data a server judges by the time in its ticket, and not by what the client says.",
    why:
      "Clocks of clients are wrong, and jump. A server that ends the handshake for it locks them out. Early data is another matter: see `early-data/ticket-age`.",
  },
  advice:
    "Refuse early data, and not the handshake, where a ticket's age isn't true",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const outcomes: string[] = [];
    for (const [title, age] of AGES) {
      const session = await probing.session();
      const answer = await offer(probing, {
        title: `A session with ${title}`,
        session,
        edit: (hello): void => {
          for (const one of hello.identities) {
            one.obfuscatedAge = (age + session.ageAdd) >>> 0;
          }
        },
      });
      outcomes.push(`${title}: ${answerText(answer)}`);
    }
    return resultOf(outcomes);
  },
};

function resultOf(outcomes: readonly string[]): ProbeResult {
  const refused = outcomes.filter((outcome) =>
    !/: (?:resumed|full handshake)$/.test(outcome)
  );
  return refused.length === 0
    ? {
      verdict: "pass",
      summary: "Untrue ages end no handshake",
      facts: { outcomes },
    }
    : {
      verdict: "warn",
      summary: `An untrue age ends the handshake: ${refused.join("; ")}`,
      facts: { outcomes },
    };
}

/** The probe of untrue ages. */
export const probes: readonly Probe[] = [age];
