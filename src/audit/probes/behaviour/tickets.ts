import { toHex } from "../../../internal/bytes.ts";
import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import {
  needsResumption,
  outcomeOf,
  sessionsOf,
  trial,
  TRIAL_CONNECTIONS,
} from "../trial.ts";

/** More tickets than browsers keep of a connection, and bytes than the first flight has room for. */
const MOST_TICKETS = 4;
const MOST_BYTES = 4096;

const NONE = new Uint8Array();

const tickets: Probe = {
  id: "behaviour/tickets",
  title: "Tickets are few and small",
  severity: "low",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 1,
  references: ["RFC 5077, 3.3", "RFC 8446, 4.6.1"],
  explain: {
    sends: "One full handshake.",
    expects:
      `At most ${MOST_TICKETS} tickets of at most ${MOST_BYTES} bytes each.`,
    why:
      "A client sends the ticket in its first flight: a large one, such as one with a certificate chain in it, costs a packet or a round trip. Clients discard tickets beyond the few that they keep.",
  },
  advice:
    "Send one or two tickets a connection, and keep sessions with client certificates at the server",
  async run(probing): Promise<ProbeResult> {
    const sessions = await sessionsOf(probing);
    const sizes = sessions.map(({ ticket }) => ticket?.length ?? 0);
    const largest = Math.max(0, ...sizes);
    if (largest === 0) probing.notApplicable("The server gave no ticket");
    return {
      verdict: sizes.length > MOST_TICKETS || largest > MOST_BYTES
        ? "warn"
        : "pass",
      summary:
        `${sizes.length === 1 ? "1 ticket" : `${sizes.length} tickets`}` +
        ` a full handshake, of ${largest} bytes at most`,
      facts: {
        tickets: sizes.length,
        ticketBytes: sizes,
        lifetimeSeconds: sessions[0]?.lifetimeSeconds ?? null,
        maxEarlyDataBytes: Math.max(
          ...sessions.map(({ maxEarlyData }) => maxEarlyData),
        ),
      },
    };
  },
};

const everyTicket: Probe = {
  id: "behaviour/every-ticket",
  title: "Each ticket of a connection can be resumed",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: 1 + MOST_TICKETS,
  references: ["RFC 8446, 4.6.1"],
  explain: {
    sends:
      `One full handshake, and a resumption with each ticket that it gave, ${MOST_TICKETS} at most.`,
    expects: "Each is resumed.",
    why:
      "A client that opens several connections at once uses a ticket for each. Those that aren't resumed cost a full handshake.",
  },
  advice: "Store a session for each ticket, or send one ticket only",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const sessions = await sessionsOf(probing);
    if (sessions.length < 2) {
      probing.notApplicable("The server gives one ticket a connection");
    }
    const outcomes: string[] = [];
    for (const session of sessions.slice(0, MOST_TICKETS)) {
      outcomes.push(outcomeOf(await probing.visit({ session })));
    }
    const resumed = outcomes.filter((outcome) => outcome === "resumed").length;
    if (resumed === 0) {
      throw new Error("None of the tickets of this connection was resumed");
    }
    return {
      verdict: resumed === outcomes.length ? "pass" : "warn",
      summary: `${resumed} of ${outcomes.length} tickets were resumed`,
      facts: { tickets: sessions.length, outcomes },
    };
  },
};

const distinct: Probe = {
  id: "behaviour/distinct-sessions",
  title: "No two sessions have the same id, ticket or age mask",
  severity: "high",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 2,
  references: ["RFC 5246, 7.4.1.3", "RFC 8446, 4.6.1"],
  explain: {
    sends: "Two full handshakes.",
    expects:
      "Sessions whose ids, tickets, and in TLS 1.3 values of ticket_age_add, all differ.",
    why:
      "Values that repeat weren't random. Processes or machines that were copied with the state of their random generator also generate the same keys.",
  },
  advice:
    "Seed the random generator after each fork and after each start of a copied machine",
  async run(probing): Promise<ProbeResult> {
    const sessions = [
      ...await sessionsOf(probing, { title: "First full handshake" }),
      ...await sessionsOf(probing, { title: "Second full handshake" }),
    ];
    if (sessions.length < 2) {
      probing.notApplicable("The server gives no sessions of this kind");
    }
    const repeated = repeatedFields(sessions);
    return {
      verdict: repeated.length === 0 ? "pass" : "fail",
      summary: repeated.length === 0
        ? `${sessions.length} sessions have nothing in common`
        : `Two of ${sessions.length} sessions have the same ${
          repeated.join(" and ")
        }`,
      facts: { sessions: sessions.length, repeated },
    };
  },
};

const renewal: Probe = {
  id: "behaviour/renewal",
  title: "A resumption gives a new ticket, which can be resumed",
  severity: "low",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 3 * TRIAL_CONNECTIONS / 2,
  references: ["RFC 5077, 3.3", "RFC 8446, 4.6.1", "RFC 8446, C.4"],
  explain: {
    sends: "A resumption, and then one with the ticket that it gave.",
    expects:
      "In TLS 1.3 a new ticket, so that no ticket is used twice; in TLS 1.2 a server may leave it at the old one. Any new ticket is resumed.",
    why:
      "A ticket that is sent twice lets an observer link the client's connections. Without a new one, a client that uses each ticket once makes every other handshake in full.",
  },
  advice: "Send a new ticket in each handshake that resumes a session",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    let old: ClientSession | undefined;
    let next: ClientSession | undefined;
    const { outcome } = await trial(probing, async () => {
      old = await probing.session();
      const first = await probing.visit({ session: old });
      next = first.sessions.at(-1);
      if (!first.resumed || next === undefined) return first;
      return await probing.visit({
        title: "With the new ticket",
        session: next,
      });
    });
    const isNew = next !== undefined &&
      toHex(next.ticket ?? NONE) !== toHex(old?.ticket ?? NONE);
    const facts = {
      newTicket: isNew,
      newTicketResumed: isNew && outcome === "resumed",
      lifetimeSeconds: next?.lifetimeSeconds ?? null,
    };
    if (outcome !== "resumed") {
      return {
        verdict: "warn",
        summary: "The ticket that a resumption gave isn't resumed",
        facts,
      };
    }
    return { ...renewed(probing.kind === "tls1.3", isNew), facts };
  },
};

function renewed(isTls13: boolean, isNew: boolean): ProbeResult {
  if (isNew) {
    return {
      verdict: "pass",
      summary: "A resumption gives a new ticket, and that is resumed",
    };
  }
  return isTls13
    ? { verdict: "warn", summary: "A resumption gives no new ticket" }
    : {
      verdict: "pass",
      summary: "A resumption leaves the client with the ticket that it has",
    };
}

/** The names of the fields that have the same value in two of the sessions. */
function repeatedFields(sessions: readonly ClientSession[]): string[] {
  const fields: [name: string, values: string[]][] = [
    ["id", sessions.map(({ id }) => toHex(id))],
    ["ticket", sessions.flatMap(({ ticket }) => ticket ? toHex(ticket) : [])],
    [
      "ticket_age_add",
      sessions.flatMap(({ kind, ageAdd }) =>
        kind === "tls1.3" ? `${ageAdd}` : []
      ),
    ],
  ];
  return fields.filter(([, values]) => new Set(values).size < values.length)
    .map(([name]) => name);
}

/** Probes of the tickets and ids that a server gives. */
export const probes: readonly Probe[] = [
  tickets,
  everyTicket,
  distinct,
  renewal,
];
