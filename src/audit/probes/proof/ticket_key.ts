import { areEqual, toHex } from "../../../internal/bytes.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";

const DAY_MS = 86_400_000;
/**
 * When tickets are looked at, in days: RFC 9325, 3.4, asks for a new key each week. What replaces
 * them by the clock may be late, for other probes have moved it, and back.
 */
const DAYS = [1, 9];
/** OpenSSL's, GnuTLS's and most others' key names; some have four bytes. */
const NAME_BYTES = [16, 4];
/** The length of ids, of which a ticket consists where the server keeps the session. */
const ID_BYTES = 32;
const SAMPLES = 3;

const keyName: Probe = {
  id: "proof/key-name",
  title: "The tickets of one moment are encrypted by one key",
  severity: "info",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: SAMPLES,
  references: ["RFC 5077, 4", "RFC 9325, 3.4"],
  explain: {
    sends: `${SAMPLES} full handshakes.`,
    expects:
      "Tickets that begin with the same bytes, the name of their key. The finding has it as a fact, so that a later audit can tell whether it has changed.",
    why:
      "Who gets hold of a ticket key can decrypt all connections whose tickets it encrypted, so it should be replaced each day or week.",
  },
  advice:
    "If several servers answer, share ticket keys among them, and rotate them together",
  async run(probing): Promise<ProbeResult> {
    const tickets: Uint8Array[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      tickets.push(await statelessTicket(probing));
    }
    const name = commonName(tickets);
    return {
      verdict: "pass",
      summary: name === null
        ? "Tickets have no name of a key in common: it is hidden, or there are several"
        : `Tickets name the key ${name}`,
      facts: { keyName: name },
    };
  },
};

const rotation: Probe = {
  id: "proof/key-rotation",
  title: "The key of tickets is replaced within a week",
  severity: "medium",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: ["clock"],
  connections: 2 + DAYS.length,
  references: ["RFC 5077, 5.5", "RFC 9325, 3.4"],
  explain: {
    sends: `Full handshakes now, and ${DAYS.join(" and ")} days later.`,
    expects: "The tickets of the last name another key than those of now.",
    why:
      "Who gets hold of a ticket key can decrypt all connections whose tickets it encrypted, forward secrecy or not.",
  },
  advice:
    "Replace ticket keys each day by a job of your own (`update({ ticketKeys })`, a reload with new key files), or keep sessions in a store",
  async run(probing): Promise<ProbeResult> {
    const first = await statelessTicket(probing);
    const name = commonName([first, await statelessTicket(probing)]);
    if (name === null) {
      probing.notApplicable("The server's tickets don't name their key");
    }
    let passed = 0;
    for (const days of DAYS) {
      await probing.advance((days - passed) * DAY_MS);
      passed = days;
      const later = commonName([first, await statelessTicket(probing)]);
      if (later !== name) {
        return {
          verdict: "pass",
          summary: `Tickets name another key after ${days} days or less`,
          facts: { keyName: name, rotatedWithinDays: days },
        };
      }
    }
    return {
      verdict: "warn",
      summary: `Tickets still name the key ${name} after ${passed} days`,
      facts: { keyName: name, rotatedWithinDays: null },
    };
  },
};

/** A ticket of a new session, if it isn't the id of one that the server keeps. */
async function statelessTicket(probing: Probing): Promise<Uint8Array> {
  const { ticket } = await probing.session();
  if (ticket === null || ticket.length <= ID_BYTES) {
    probing.notApplicable(
      "The server's tickets are ids of sessions that it keeps: no key encrypts them",
    );
  }
  return ticket;
}

/** What tickets of one key begin with, in hexadecimal. */
function commonName([first, ...others]: Uint8Array[]): string | null {
  if (first === undefined) return null;
  const length = NAME_BYTES.find((bytes) =>
    others.every((other) =>
      areEqual(other.subarray(0, bytes), first.subarray(0, bytes))
    )
  );
  return length === undefined ? null : toHex(first.subarray(0, length));
}

/** Probes of the key of stateless tickets, and of how it changes over time. */
export const probes: readonly Probe[] = [keyName, rotation];
