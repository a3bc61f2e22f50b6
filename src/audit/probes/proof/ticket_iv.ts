import { toHex } from "../../../internal/bytes.ts";
import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import { needsResumption, sessionsOf } from "../trial.ts";

/** Tickets of this length or less are ids of what the server has stored. */
const MAX_ID_BYTES = 32;
const KEY_NAME_BYTES = 16;
/** The bytes of the longest name of a key that is likely. */
const LONG_KEY_NAME_BYTES = 32;
/** The bytes of the shortest initialization vector in use. */
const IV_BYTES = 12;

const ivs: Probe = {
  id: "proof/ticket-iv",
  title: "No two tickets are sealed with the same initialization vector",
  severity: "high",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: ({ samples }) => samples,
  references: ["RFC 5077, 4", "RFC 5116, 3.1", "CVE-2020-13777"],
  explain: {
    sends:
      "As many full handshakes as `--samples` says, whose tickets are compared.",
    expects:
      "Tickets that have no more than a key's name in common, which isn't all zeros, and differ in the bytes after it.",
    why:
      "A vector that is used twice gives the contents of both tickets away, and with AES-GCM the key of the seal. A name of zeros is that of a key that was never set, which everybody knows.",
  },
  advice: "Update the TLS library, or give the server ticket keys of its own",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const tickets: Uint8Array[] = [];
    for (let i = 0; i < probing.samples; i++) {
      tickets.push(...(await sessionsOf(probing)).flatMap(ticketOf));
    }
    if (tickets.length < 2) {
      throw new Error("The server gave fewer than two tickets");
    }
    if (tickets.every(({ length }) => length <= MAX_ID_BYTES)) {
      probing.notApplicable(
        "The tickets are ids of sessions that the server keeps",
      );
    }
    return compared(tickets);
  },
};

/** What the beginnings of at least two tickets say of how they are sealed. */
export function compared(tickets: readonly Uint8Array[]): ProbeResult {
  const [first = new Uint8Array()] = tickets;
  const shared = tickets.slice(1).map((one) => sharedBytes(first, one));
  const common = Math.min(...shared);
  const longest = Math.max(
    ...tickets.map((one, i) =>
      Math.max(
        0,
        ...tickets.slice(i + 1).map((other) => sharedBytes(one, other)),
      )
    ),
  );
  const facts = {
    tickets: tickets.length,
    ticketBytes: [...new Set(tickets.map(({ length }) => length))]
      .sort((a, b) => a - b),
    commonBytes: common,
    keyName: common < 4
      ? null
      : toHex(first.subarray(0, Math.min(common, KEY_NAME_BYTES))),
  };
  // What all have in common may be the name of their key, what two have besides may not.
  if (
    longest - common >= IV_BYTES || common >= LONG_KEY_NAME_BYTES + IV_BYTES
  ) {
    return {
      verdict: "fail",
      summary:
        `Two of ${tickets.length} tickets begin with the same ${longest} bytes: more than a key's name`,
      facts,
    };
  }
  if (common >= KEY_NAME_BYTES + IV_BYTES) {
    return {
      verdict: "warn",
      severity: "low",
      summary:
        `All tickets begin with the same ${common} bytes: a long name of a key, or a vector that never changes`,
      advice: "Find out what the server's tickets begin with",
      facts,
    };
  }
  const isZero = tickets.every((one) =>
    one.subarray(0, KEY_NAME_BYTES).every((byte) => byte === 0)
  );
  if (isZero) {
    return {
      verdict: "fail",
      severity: "critical",
      summary:
        "The name of the ticket key is all zeros, as if no key had been set",
      facts,
    };
  }
  return {
    verdict: "pass",
    summary:
      `${tickets.length} tickets differ after ${longest} bytes at the latest`,
    facts,
  };
}

function ticketOf({ ticket }: ClientSession): Uint8Array[] {
  return ticket === null ? [] : [ticket];
}

/** How many bytes two tickets begin with alike. */
function sharedBytes(one: Uint8Array, other: Uint8Array): number {
  const first = one.findIndex((byte, i) => byte !== other[i]);
  return first < 0 ? one.length : first;
}

/** The probe of initialization vectors. */
export const probes: readonly Probe[] = [ivs];
