import type { ResumptionKind } from "../../finding.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  type Attempt,
  CONTROL_CONNECTIONS,
  controlled,
  refusalOf,
  type Tried,
  tryUntilResumed,
} from "../attempts.ts";
import { setIdentity } from "../hello_edits.ts";

const ALL: readonly ResumptionKind[] = [
  "tls1.2-id",
  "tls1.2-ticket",
  "tls1.3",
];
/** The most bytes of a session id. */
const MAX_ID_BYTES = 32;
/** The bytes of the names of ticket keys, in most libraries. */
const KEY_NAME_BYTES = 16;
/** How many bytes of a ticket are changed for each sample. */
const PER_SAMPLE = 2;

/** A way to change an identity: null if there is nothing to change. */
type Change = (
  identity: Uint8Array,
  random: Probing["random"],
) => Uint8Array | null;

const ALTERATIONS: readonly (readonly [title: string, change: Change])[] = [
  ["its first byte changed", (all) => flipped(all, 0, 0xff)],
  ["its last byte changed", (all) => flipped(all, all.length - 1, 0xff)],
  ["its last byte cut off", (all) => all.slice(0, -1)],
  ["its second half cut off", (all) => all.slice(0, all.length / 2)],
  ["its first byte cut off", (all) => all.slice(1)],
];

/** It forges nothing, but a list of used tickets doesn't recognise this one. */
const EXTENSION: readonly (readonly [title: string, change: Change])[] = [
  ["a byte more", (all) => Uint8Array.of(...all, 0)],
];

const identity: Probe = {
  id: "proof/identity",
  title: "A session that is named wrongly isn't resumed",
  severity: "high",
  kinds: ALL,
  needs: [],
  connections: CONTROL_CONNECTIONS + 2 + ALTERATIONS.length +
    EXTENSION.length,
  references: ["RFC 5246, F.1.4", "RFC 5077, 4", "RFC 8446, 4.6.1"],
  explain: {
    sends:
      "The id or ticket of a session, changed in its first or last byte, cut, and with a byte more.",
    expects: "A full handshake.",
    why:
      "A server that compares a part of an id, or of a ticket's seal, can be guessed at, and mistakes one session for another.",
  },
  advice:
    "Compare whole ids, and refuse tickets whose authentication isn't right",
  async run(probing): Promise<ProbeResult> {
    const result = await refused(
      probing,
      ALTERATIONS,
      "A session whose id or ticket is altered isn't resumed",
    );
    if (result.verdict === "fail") return result;
    const [longer] = await tryUntilResumed(
      probing,
      attemptsOf(probing, EXTENSION),
    );
    if (!longer?.answer.resumed) return result;
    return {
      ...result,
      verdict: "warn",
      severity: "low",
      summary:
        "What follows a ticket is ignored: one with a byte more is resumed",
      advice:
        "Take care that nothing recognises used tickets by their bytes. Nothing can be forged.",
    };
  },
};

const ticketBytes: Probe = {
  id: "proof/ticket-bytes",
  title: "Every byte of a ticket is authenticated",
  severity: "critical",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: ({ samples }) => CONTROL_CONNECTIONS + 1 + PER_SAMPLE * samples,
  references: ["RFC 5077, 4", "RFC 8446, 4.6.1"],
  explain: {
    sends:
      "A ticket with one bit changed, at twice as many places as `--samples` says, from its first byte to its last.",
    expects: "A full handshake each time.",
    why:
      "A ticket holds the server's state of a session. The client can forge parts that aren't authenticated: the user, the time, the key.",
  },
  advice:
    "Seal tickets by AES-GCM, or by encryption and a MAC over all of it; update the TLS library",
  run: (probing) =>
    refused(
      probing,
      flipsAt(PER_SAMPLE * probing.samples),
      "Whichever byte is changed, the ticket isn't resumed",
    ),
};

/** Changes of one bit, at places from the first byte to the last. */
function flipsAt(count: number): readonly (readonly [string, Change])[] {
  return Array.from({ length: count }, (_, i) => [
    `bit ${i % 8} changed at ${
      Math.round(100 * i / (count - 1))
    } % of its length`,
    (all) =>
      flipped(all, Math.round(i * (all.length - 1) / (count - 1)), 1 << i % 8),
  ]);
}

const STRANGERS: readonly (readonly [title: string, change: Change])[] = [
  ["random bytes of the same length", (all, random) => random(all.length)],
  ["zeros of the same length", (all) => new Uint8Array(all.length)],
  [
    "the same key name, and random bytes after it",
    (all, random) =>
      all.length <= MAX_ID_BYTES ? null : Uint8Array.of(
        ...all.subarray(0, KEY_NAME_BYTES),
        ...random(all.length - KEY_NAME_BYTES),
      ),
  ],
];

const unknown: Probe = {
  id: "proof/unknown-session",
  title: "A session of another server leads to a full handshake",
  severity: "high",
  kinds: ALL,
  needs: [],
  connections: CONTROL_CONNECTIONS + 1 + STRANGERS.length,
  references: ["RFC 5246, 7.4.1.2", "RFC 5077, 3.4", "RFC 8446, 4.2.11"],
  explain: {
    sends:
      "Ids or tickets that the server hasn't made: random ones, zeros, and one with the name of the server's ticket key but sealed by another.",
    expects: "A full handshake.",
    why:
      "Resuming them would take anybody for a known client. Ending the handshake locks clients out whenever keys change or a server restarts.",
  },
  advice: "Answer unknown sessions by a full handshake",
  async run(probing): Promise<ProbeResult> {
    return await controlled(probing, async () => {
      const tried = await tryUntilResumed(
        probing,
        attemptsOf(probing, STRANGERS),
      );
      const result = refusalOf(tried, {
        passes: "Unknown sessions aren't resumed",
      });
      const [refused] = tried.filter(({ outcome }) =>
        outcome !== "full handshake"
      );
      if (result.verdict === "fail" || refused === undefined) return result;
      return {
        ...result,
        verdict: "warn",
        severity: "medium",
        summary:
          `An unknown session ends the handshake (${refused.outcome}): ${refused.title}`,
      };
    });
  },
};

async function refused(
  probing: Probing,
  changes: readonly (readonly [title: string, change: Change])[],
  passes: string,
): Promise<ProbeResult> {
  return await controlled(probing, async () => {
    const tried: Tried[] = await tryUntilResumed(
      probing,
      attemptsOf(probing, changes),
    );
    return refusalOf(tried, { passes });
  });
}

/** Offers of one session, which these changes keep a server from finding, and so from removing. */
async function* attemptsOf(
  probing: Probing,
  changes: readonly (readonly [title: string, change: Change])[],
): AsyncGenerator<Attempt> {
  const { kind } = probing;
  const session = await probing.session();
  for (const [title, change] of changes) {
    const named = kind === "tls1.2-id" ? session.id : session.ticket;
    const identity = change(
      named ?? new Uint8Array(),
      (count) => probing.random(count),
    );
    const isTooLong = kind === "tls1.2-id" &&
      (identity?.length ?? 0) > MAX_ID_BYTES;
    if (identity === null || isTooLong) continue;
    yield {
      title: `A session with ${title}`,
      session,
      edit: (hello): void => setIdentity(hello, kind, identity),
    };
  }
}

function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  return bytes.map((byte, i) => i === at ? byte ^ bits : byte);
}

/** Probes of the ids and tickets of sessions. */
export const probes: readonly Probe[] = [identity, ticketBytes, unknown];
