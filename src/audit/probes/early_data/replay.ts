import { areEqual, toHex } from "../../../internal/bytes.ts";
import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { completesAlone } from "../trial.ts";
import { earlySession, isAccepted, rejectsAll, sendEarly } from "./early.ts";

/** How often a first flight is replayed to one node, which may be several processes. */
const REPLAYS = 3;

/** To how many other nodes it is replayed. */
const MAX_OTHERS = 8;
/** The connections that a flight takes that is accepted. */
const SENT_CONNECTIONS = 4;

const REFERENCES = ["RFC 8446, 8", "RFC 8446, E.5", "RFC 8470, 3"];

const sameNode: Probe = {
  id: "early-data/replay",
  title: "Early data is accepted once by a node",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: SENT_CONNECTIONS + REPLAYS,
  references: REFERENCES,
  explain: {
    sends:
      `A resumption with early data, and ${REPLAYS} times the same first flight, byte for byte, as somebody could who recorded it.`,
    expects: "The early data is accepted once, and then rejected.",
    why:
      "Whoever sees a request in early data can have it carried out again. RFC 8446 requires that each instance of a server accepts it at most once.",
  },
  advice:
    "Turn early data off, or on only with protection against replays (single-use sessions in a store that all processes share), or answer 425 (RFC 8470) to all but safe requests",
  async run(probing): Promise<ProbeResult> {
    const flight = await Flight.sent(probing);
    const replays: Visit[] = [];
    for (let i = 1; i <= REPLAYS; i++) {
      replays.push(await flight.replay(`Replay ${i} at the same node`));
    }
    return judged(replays, "at the same node");
  },
};

const otherNode: Probe = {
  id: "early-data/replay-other-node",
  title: "Early data that a node accepted is rejected by the others",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: ["otherNode"],
  connections: ({ nodes }) =>
    SENT_CONNECTIONS + Math.min(nodes - 1, MAX_OTHERS),
  references: REFERENCES,
  explain: {
    sends:
      "A resumption with early data to the first node, and the same first flight, byte for byte, to each of the others, or the first eight of them.",
    expects: "The others reject the early data.",
    why:
      "Whoever sees a request in early data can have it carried out again, once by each node that accepts it. RFC 8446 allows that, and recommends to prevent it.",
  },
  advice:
    "Keep single-use sessions in a store that all nodes share, don't share ticket keys among nodes, or turn early data off",
  async run(probing): Promise<ProbeResult> {
    const flight = await Flight.sent(probing);
    const replays: Visit[] = [];
    for (const node of probing.nodes.slice(1, 1 + MAX_OTHERS)) {
      replays.push(await flight.replay(`Replay at ${node}`, node));
    }
    const result = judged(replays, "at another node");
    // RFC 8446, 8: "this limits the number of replays to the number of server instances".
    return result.verdict === "fail" ? { ...result, verdict: "warn" } : result;
  },
};

const restarted: Probe = {
  id: "early-data/replay-after-restart",
  title: "Early data that was accepted before a restart is rejected after it",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: ["change"],
  connections: SENT_CONNECTIONS + 2,
  references: ["RFC 8446, 8.2"],
  explain: {
    sends:
      "A resumption with early data, and after a restart of the server the same first flight, byte for byte.",
    expects: "The early data is rejected.",
    why:
      "A server that keeps its ticket key but forgets which early data it has seen accepts a recorded request again after each restart or reload. If the restart takes longer than ten seconds or so, the age of the ticket is reason enough to reject it: the finding says how long it took.",
  },
  advice:
    "Keep what protects against replays outside the process, change ticket keys with a restart, or turn early data off",
  async run(probing): Promise<ProbeResult> {
    const flight = await Flight.sent(probing);
    const sentAt = probing.now();
    await probing.change("restart");
    // A server that is still starting rejects everything.
    await completesAlone(probing);
    const seconds = Math.round((probing.now() - sentAt) / 1000);
    const replay = await flight.replay("Replay after a restart");
    const result = judged(
      [replay],
      `after a restart (${seconds} seconds later)`,
    );
    return { ...result, facts: { ...result.facts, secondsLater: seconds } };
  },
};

/** A first flight with early data that the server accepted, to be sent again. */
class Flight {
  readonly #send: (title: string, node?: string) => Promise<Visit>;
  readonly #bytes: Uint8Array;

  private constructor(
    send: (title: string, node?: string) => Promise<Visit>,
    bytes: Uint8Array,
  ) {
    this.#send = send;
    this.#bytes = bytes;
  }

  /** Sends one to the first node, which accepts the first or the second. */
  static async sent(probing: Probing): Promise<Flight> {
    return await Flight.#tried(probing) ?? await Flight.#tried(probing) ??
      rejectsAll(probing);
  }

  static async #tried(probing: Probing): Promise<Flight | null> {
    const session = await earlySession(probing);
    const at = probing.now();
    // Unlike any other audit's: a server may know a flight by its random.
    const seed = toHex(session.ticket ?? session.id);
    const send = (title: string, node = probing.nodes[0]): Promise<Visit> =>
      sendEarly(probing, session, {
        title,
        ...(node !== undefined && { node }),
        seed,
        at,
        use: async (connection) => {
          if (connection.earlyData === "accepted") await connection.read();
        },
      });
    const visit = await send("The early data for the first time");
    return isAccepted(visit) ? new Flight(send, visit.firstFlight) : null;
  }

  /** Sends it again. */
  async replay(title: string, node?: string): Promise<Visit> {
    const visit = await this.#send(title, node);
    if (!areEqual(visit.firstFlight, this.#bytes)) {
      throw new Error("The client couldn't send the same first flight again");
    }
    return visit;
  }
}

function judged(replays: readonly Visit[], where: string): ProbeResult {
  const accepted = replays.filter(isAccepted);
  const statuses = accepted.map(({ data }) => httpStatus(data));
  const facts = {
    replays: replays.length,
    accepted: accepted.length,
    httpStatuses: statuses.filter((status) => status !== null),
  };
  if (accepted.length === 0) {
    return {
      verdict: "pass",
      summary: `Early data that is replayed ${where} is rejected`,
      facts,
    };
  }
  const count = replays.length === 1
    ? "accepted"
    : `accepted ${accepted.length} of ${replays.length} times`;
  if (statuses.every((status) => status === TOO_EARLY)) {
    return {
      verdict: "warn",
      severity: "low",
      summary:
        `Early data that is replayed ${where} is ${count}, and HTTP answers 425 (Too Early)`,
      advice:
        "See that all requests that aren't safe to repeat are answered by 425",
      facts,
    };
  }
  return {
    verdict: "fail",
    summary: `Early data that is replayed ${where} is ${count}`,
    facts,
  };
}

/** RFC 8470, 5.2. */
const TOO_EARLY = 425;

function httpStatus(data: Uint8Array): number | null {
  const start = new TextDecoder("latin1").decode(data.subarray(0, 13));
  const status = /^HTTP\/\d\.\d (\d{3})\b/.exec(start)?.[1];
  return status === undefined ? null : Number(status);
}

/** Early data that is replayed: at the same node, at others, after a restart. */
export const probes: readonly Probe[] = [sameNode, otherNode, restarted];
