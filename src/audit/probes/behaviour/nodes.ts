import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  completesAlone,
  type Outcome,
  outcomeOf,
  refusedByAlert,
  sessionsOf,
} from "../trial.ts";

/** Up to how many nodes all pairs are tried. */
const ALL_PAIRS = 6;
/** Of more, each node's sessions are offered to itself, its successors and the first node. */
const SUCCESSORS = 4;
const MOST_OFFERS = Math.max(ALL_PAIRS, 1 + SUCCESSORS + 1);

/** Ticket keys are of no use to clients that take no tickets. */
const ADVICE_FOR_IDS =
  "Give all nodes a session cache that they share, or leave it at tickets, which most clients take";

const nodes: Probe = {
  id: "behaviour/nodes",
  title: "Each node resumes the sessions of the others",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: ["otherNode"],
  // A session of TLS 1.3 is used once, so that each offer may need a full handshake before it.
  // The last ones are controls.
  connections: ({ nodes }) => 2 * nodes * Math.min(nodes, MOST_OFFERS) + nodes,
  references: ["RFC 5077, 5.5", "RFC 8446, 4.6.1"],
  explain: {
    sends:
      `Sessions of each node to every node: the addresses of the name, or those of \`--node\`. Of more than ${ALL_PAIRS} nodes, each node's to itself, to the ${SUCCESSORS} after it and to the first.`,
    expects: "Every node resumes them, its own and those of the others.",
    why:
      "A client may reach another node each time it connects. Nodes that don't share sessions then make a full handshake. The facts have the pairs that don't share, and a matrix: a row for each node that gave the session, a column for each node that it was offered to; + resumed, - full handshake, ! no handshake, . not tried.",
  },
  advice:
    "Give all nodes the same ticket keys, or a session cache that they share",
  async run(probing): Promise<ProbeResult> {
    const pairs: Pair[] = [];
    for (const from of probing.nodes) {
      pairs.push(...await offers(probing, from));
    }
    const isAtHome = pairs.some(({ from, to, outcome }) =>
      from === to && outcome === "resumed"
    );
    if (!isAtHome) {
      probing.notApplicable("No node resumes its own sessions of this kind");
    }
    const others = pairs.filter(({ from, to }) => from !== to);
    const those = (wanted: Outcome): string[] =>
      others.filter(({ outcome }) => outcome === wanted)
        .map(({ from, to }) => `${from} -> ${to}`);
    const shared = those("resumed");
    const facts = {
      nodes: probing.nodes,
      shared,
      notShared: those("full handshake"),
      failed: those("no handshake"),
      matrix: matrixOf(probing, pairs),
    };
    const failing = others.filter(({ outcome }) => outcome === "no handshake");
    for (const to of new Set(failing.map(({ to }) => to))) {
      await completesAlone(probing, to);
    }
    if (facts.failed.length > 0) {
      return {
        verdict: "fail",
        severity: "high",
        summary: `${facts.failed.length} of ${others.length} pairs of nodes` +
          ` end the handshake at a session of the other`,
        advice:
          "Go on with a full handshake where a session can't be found or decrypted",
        facts,
      };
    }
    return {
      verdict: shared.length === others.length ? "pass" : "warn",
      summary: `${shared.length} of ${others.length} pairs of nodes share` +
        " sessions",
      ...(probing.kind === "tls1.2-id" && { advice: ADVICE_FOR_IDS }),
      facts,
    };
  },
};

/** A node's session, the node that it was offered to, and what came of it. */
interface Pair {
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
}

/** Offers sessions of a node to others and to itself. */
async function offers(probing: Probing, from: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  let sessions: readonly ClientSession[] = [];
  for (const to of triedWith(probing.nodes, from)) {
    if (sessions.length === 0) {
      const title = `Full handshake with ${from}`;
      sessions = await sessionsOf(probing, { title, node: from });
    }
    const [session, ...others] = sessions;
    if (session === undefined) {
      pairs.push({ from, to, outcome: "full handshake" });
      continue;
    }
    if (probing.kind === "tls1.3") sessions = others;
    const title = `A session of ${from} at ${to}`;
    const visit = await probing.visit({ title, node: to, session });
    pairs.push({ from, to, outcome: outcomeOf(refusedByAlert(visit)) });
  }
  return pairs;
}

/** The nodes that sessions of a node are offered to. */
function triedWith(nodes: readonly string[], from: string): readonly string[] {
  if (nodes.length <= ALL_PAIRS) return nodes;
  const n = nodes.indexOf(from);
  return nodes.filter((_, i) =>
    i === 0 || (i - n + nodes.length) % nodes.length <= SUCCESSORS
  );
}

function matrixOf(
  { nodes }: Probing,
  pairs: readonly Pair[],
): readonly string[] {
  return nodes.map((from) => {
    const signs = nodes.map((to) => {
      const pair = pairs.find((one) => one.from === from && one.to === to);
      return pair ? SIGNS[pair.outcome] : ".";
    });
    return `${signs.join("")} ${from}`;
  });
}

const SIGNS: Readonly<Record<Outcome, string>> = {
  "resumed": "+",
  "full handshake": "-",
  "no handshake": "!",
};

/** Probes of servers that answer for the same name. */
export const probes: readonly Probe[] = [nodes];
