import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type {
  Resumption,
  TlsContext,
  TlsContextOptions,
  TlsSession,
} from "@sesame/tls";
import { honest, type StoreHandler } from "../../support/probed_store.ts";
import { SANITIZED, Site, VERSIONS } from "../../support/site.ts";

const HANDSHAKES = 100;
const LIFETIME_MS = 60_000;

/** What of a server decides whether a session resumes. */
interface Kind {
  readonly options: TlsContextOptions;
  readonly tickets: "stateful" | "stateless" | "off";
  readonly binding: string;
  readonly key?: number;
}

interface Node extends Kind {
  readonly context: TlsContext;
  /** What its handshakes should have come to. */
  readonly tally: Map<string, number>;
}

/** A session, and the server that gave it. */
interface Kept {
  readonly session: TlsSession;
  readonly giver: Kind;
  readonly version: typeof VERSIONS[number];
  readonly expiresAt: number;
}

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const stateful = (binding: string, byte?: number): Kind => ({
  tickets: "stateful",
  binding,
  options: {
    sessionIdContext: binding,
    ...(byte !== undefined && { sessionIdKey: key(byte) }),
  },
  ...(byte !== undefined && { key: byte }),
});
const stateless = (byte: number): Kind => ({
  tickets: "stateless",
  binding: "tickets",
  key: byte,
  options: {
    sessionIdContext: "tickets",
    ticketKeys: [new Uint8Array(80).fill(byte)],
  },
});
const KINDS: Kind[] = [
  stateful("one"),
  stateful("one"),
  stateful("two"),
  stateful("one", 1),
  stateful("one", 2),
  stateless(1),
  stateless(1),
  stateless(2),
  { tickets: "off", binding: "off", options: { tickets: "off" } },
];

/** How the store takes a look-up, and what comes of one that would find something. */
type Mood = "honest" | "later" | "down" | "slow" | "forgetful" | "lying";

const failing = (act: () => unknown): StoreHandler => (call, honestly) =>
  call.operation === "get" ? act() : honestly();
const HANDLERS: Record<Mood, StoreHandler> = {
  honest,
  // Before any timer: the deadline is for the slow.
  later: (_call, act) => Promise.resolve().then(act),
  down: failing(() => Promise.reject(new Error("down"))),
  slow: failing(() => new Promise(() => {})),
  forgetful: failing(() => undefined),
  lying: failing(() => new Uint8Array(99)),
};

/** What should become of a handshake. */
function expected(
  node: Kind,
  { giver, version, expiresAt }: Kept,
  mood: Mood,
  now: number,
): Resumption {
  const not = (
    reason: Extract<Resumption, { resumed: false }>["reason"],
  ): Resumption => ({
    resumed: false,
    reason,
  });
  const isTls13 = version === "TLSv1.3";
  // A client of TLS 1.3 knows how old a ticket may be, within a second.
  if (isTls13 && expiresAt + 1000 < now) return not("none-offered");
  if (node.tickets === "stateless") {
    if (!isTls13 && giver.tickets === "stateful") return not("none-offered");
    if (giver.tickets !== "stateless" || giver.key !== node.key) {
      return not("ticket-rejected");
    }
    return expiresAt >= now
      ? { resumed: true, from: "ticket" }
      : not("expired");
  }
  if (node.tickets === "off") return not("disabled");
  const isId = giver.tickets === "stateful";
  // A ticket is no id in TLS 1.3; in TLS 1.2 a random id comes along with it.
  if (!isId && isTls13) return not("unknown-id");
  if (node.key !== undefined && !(isId && giver.key === node.key)) {
    return not("id-not-ours");
  }
  if (mood === "down") return not("store-failed");
  if (mood === "slow") return not("deadline");
  if (mood === "lying") return not("malformed-record");
  const isThere = isId && expiresAt > now;
  if (mood === "forgetful" || !isThere) return not("unknown-id");
  return giver.binding === node.binding
    ? { resumed: true, from: "store" }
    : not("context-mismatch");
}

/** Numbers that look random, the same for the same seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const wordOf = (outcome: Resumption): string =>
  outcome.resumed ? outcome.from : outcome.reason;

/** A random life of a fleet. */
async function live(site: Site, seed: number): Promise<Node[]> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[random(list.length)];
    assert(chosen !== undefined);
    return chosen;
  };
  const nodes: Node[] = KINDS.map((kind) => ({
    ...kind,
    tally: new Map(),
    context: kind.tickets === "stateful"
      ? site.server({
        lookupTimeout: 5,
        sessionTimeout: LIFETIME_MS / 1000,
        ...kind.options,
      })
      : site.context({ sessionTimeout: LIFETIME_MS / 1000, ...kind.options }),
  }));
  const kept: Kept[] = [];
  for (let i = 0; i < HANDSHAKES; i++) {
    if (random(10) === 0) site.time += random(40) * 1000;
    const node = pick(nodes);
    const offer = kept.length > 0 && random(6) > 0 ? pick(kept) : undefined;
    const version = offer?.version ?? pick(VERSIONS);
    const mood = pick(["honest", "honest", ...Object.keys(HANDLERS)]) as Mood;
    site.store.handle = HANDLERS[mood];
    using visit = await site.visit(node.context, {
      version,
      session: offer?.session,
    });
    const outcome: Resumption = offer
      ? expected(node, offer, mood, site.time)
      : { resumed: false, reason: "none-offered" };
    const story = `seed ${seed}, handshake ${i}, ${version}, store ${mood}`;
    assertEquals(visit.resumption, outcome, story);
    const word = wordOf(outcome);
    node.tally.set(word, (node.tally.get(word) ?? 0) + 1);
    // A resumed session of TLS 1.2 stays the one that it was.
    for (const session of visit.client.takeSessions()) {
      const expiresAt = site.time + LIFETIME_MS;
      kept.push({ session, giver: node, version, expiresAt });
    }
  }
  return nodes;
}

describe(`The counters of ${HANDSHAKES} random handshakes`, SANITIZED, () => {
  // A failure says which seed it was.
  const fresh = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  for (const seed of [1, 2, fresh]) {
    it(`add up (seed ${seed})`, async () => {
      using site = new Site();
      const nodes = await live(site, seed);
      let [handshakes, lookups, writes, storeErrors] = [0, 0, 0, 0];
      for (const { context, tally } of nodes) {
        const { stats } = context;
        const words = { ...stats.resumed, ...stats.full };
        assertEquals(
          new Map(Object.entries(words).sort()),
          new Map([...tally].sort()),
        );
        assertEquals(
          Object.values(words).reduce((sum, count) => sum + count, 0),
          stats.handshakes,
        );
        handshakes += stats.handshakes;
        lookups += stats.lookups;
        writes += stats.writes;
        storeErrors += stats.storeErrors;
        assertEquals(stats.deletions, 0);
      }
      assertEquals(handshakes, HANDSHAKES);
      assertEquals(lookups, site.store.of("get").length);
      assertEquals(writes, site.store.of("set").length);
      assertEquals(storeErrors, site.failures.length);
    });
  }
});
