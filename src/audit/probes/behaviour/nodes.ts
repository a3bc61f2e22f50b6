import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { type Outcome, outcomeOf, sessionsOf } from "../trial.ts";

const nodes: Probe = {
  id: "behaviour/nodes",
  title: "Each node resumes the sessions of the others",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: ["otherNode"],
  // A session of TLS 1.3 is used once, so that each offer may need a full handshake before it.
  connections: ({ nodes }) => 2 * nodes * nodes,
  references: ["RFC 5077, 5.5", "RFC 8446, 4.6.1"],
  explain: {
    sends:
      "Sessions of each node to every node: the addresses of the name, and those of `--node`.",
    expects: "Every node resumes them, its own and those of the others.",
    why:
      "A client reaches one node now and another the next time. Nodes that don't share sessions make a full handshake at each change. The facts have the pairs that don't share, and a matrix with a row a node that gave the session, and a column a node that it was offered to: + resumed, - full handshake, ! no handshake.",
  },
  advice:
    "Give all nodes the same ticket keys, or a session cache that they share.",
  async run(probing): Promise<ProbeResult> {
    const rows = new Map<string, readonly Outcome[]>();
    for (const from of probing.nodes) {
      rows.set(from, await offersOf(probing, from));
    }
    const pairs = pairsOf(probing, rows);
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
      matrix: [...rows].map(([node, row]) =>
        `${row.map(sign).join("")} ${node}`
      ),
    };
    if (facts.failed.length > 0) {
      return {
        verdict: "fail",
        severity: "high",
        summary: `${facts.failed.length} of ${others.length} pairs of nodes` +
          ` end the handshake at a session of the other`,
        advice:
          "Go on with a full handshake where a session can't be found or decrypted.",
        facts,
      };
    }
    return {
      verdict: shared.length === others.length ? "pass" : "warn",
      summary: `${shared.length} of ${others.length} pairs of nodes share` +
        " sessions",
      facts,
    };
  },
};

/** Offers sessions of a node to each node, itself included. */
async function offersOf(probing: Probing, from: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let sessions: readonly ClientSession[] = [];
  for (const node of probing.nodes) {
    if (sessions.length === 0) {
      const title = `Full handshake with ${from}`;
      sessions = await sessionsOf(probing, { title, node: from });
    }
    const [session, ...others] = sessions;
    if (session === undefined) {
      outcomes.push("full handshake");
      continue;
    }
    if (probing.kind === "tls1.3") sessions = others;
    const title = `A session of ${from} at ${node}`;
    outcomes.push(outcomeOf(await probing.visit({ title, node, session })));
  }
  return outcomes;
}

/** A node's session, the node that it was offered to, and what came of it. */
interface Pair {
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
}

function pairsOf(
  { nodes }: Probing,
  rows: ReadonlyMap<string, readonly Outcome[]>,
): Pair[] {
  return [...rows].flatMap(([from, row]) =>
    row.map((outcome, n) => ({ from, to: nodes[n] ?? "", outcome }))
  );
}

function sign(outcome: Outcome): string {
  return { "resumed": "+", "full handshake": "-", "no handshake": "!" }[
    outcome
  ];
}

/** Probes of servers that answer for the same name. */
export const probes: readonly Probe[] = [nodes];
