/**
 * Which sessions pass between servers that share a store and the keys of tickets: every pair
 * of policies, by each way in which a context serves, held against a model.
 */
import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type SessionStore,
  TlsContext,
  type TlsSession,
  type TlsVersion,
} from "@sesame/tls";
import { createTlsSandbox, type TlsPair } from "@sesame/tls/testing";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { connections } from "../../../src/tls/engine/connection.ts";
import {
  accepts,
  BASE,
  CHANGES,
  letsEarlyDataIn,
  mayResume,
  type Negotiated,
  type Offer,
  offerOf,
  optionsOf,
  type Policy,
} from "../../support/policy_model.ts";
import { SANITIZED, VERSIONS } from "../../support/site.ts";

/** The ways in which a context comes to serve a hello. */
const WAYS = ["own", "chosen", "late", "retried", "renegotiated"] as const;
type Way = typeof WAYS[number];

/** A session, and what the client knows of it. */
interface Minted {
  readonly session: TlsSession | null;
  readonly negotiated: Negotiated;
}

/** What became of a visit. */
interface Outcome {
  readonly isOpen: boolean;
  readonly resumed: boolean;
  readonly earlyData: boolean;
}

/** A store that has again, before each visit, all that it was ever given. */
class LastingStore implements SessionStore {
  readonly #inner: MemorySessionStore;
  readonly #records: Parameters<SessionStore["set"]>[] = [];
  isMinting = true;

  constructor(now: () => number) {
    this.#inner = new MemorySessionStore({ now });
  }

  get(id: Uint8Array): Uint8Array | undefined {
    return this.#inner.get(id);
  }

  take(id: Uint8Array): Uint8Array | undefined {
    return this.#inner.take(id);
  }

  set(...[id, record, options]: Parameters<SessionStore["set"]>): void {
    if (this.isMinting) {
      this.#records.push([id, new Uint8Array(record), options]);
    }
    this.#inner.set(id, record, options);
  }

  delete(id: Uint8Array): void {
    this.#inner.delete(id, "revoked");
  }

  restore(): void {
    for (const call of this.#records) this.#inner.set(...call);
  }
}

/** Servers of all policies, and a client that visits them. */
class Matrix implements Disposable {
  readonly #sandbox = createTlsSandbox({ seed: "policy matrix" });
  readonly #store = new LastingStore(this.#sandbox.clock.now);
  readonly #contexts = new Map<string, TlsContext>();
  readonly #minted = new Map<string, Promise<Minted>>();

  /** The session that a server of a policy gives; made once. */
  minted(policy: Policy, offer: Offer): Promise<Minted> {
    const key = JSON.stringify([policy, offer]);
    const known = this.#minted.get(key) ?? this.#mint(policy, offer);
    this.#minted.set(key, known);
    return known;
  }

  /** Visits a server of policy `to` with a session. */
  async visit(
    to: Policy,
    way: Way,
    offer: Offer,
    session: TlsSession,
  ): Promise<Outcome> {
    this.#store.restore();
    // With a server that is of before early data, it fails (RFC 8446, D.3).
    const early = session.maxEarlyData > 0 && to.versions.includes("TLSv1.3");
    using pair = this.#pair(to, way, offer, {
      ...(way !== "renegotiated" && { session }),
      ...(early && { earlyData: "early" }),
    });
    await pair.handshake();
    if (way === "renegotiated" && pair.client.state === "open") {
      await renegotiate(pair, session);
    }
    const { client, server } = pair;
    const { libssl, ssl } = connections.get(server);
    const isOpen = server.state === "open" && client.state === "open";
    return {
      isOpen,
      resumed: isOpen && libssl.SSL_session_reused(ssl) === 1,
      earlyData: server.readEarlyData().length > 0,
    };
  }

  async #mint(policy: Policy, offer: Offer): Promise<Minted> {
    this.#store.isMinting = true;
    using pair = this.#pair(policy, "own", offer, {});
    await pair.handshake();
    this.#store.isMinting = false;
    const { info, session } = pair.client;
    assert(info, pair.client.error?.message);
    return {
      session,
      negotiated: {
        protocol: info.protocol,
        cipher: info.cipher,
        group: info.group,
        alpn: info.alpnProtocol,
        maxEarlyData: session?.maxEarlyData ?? 0,
      },
    };
  }

  #pair(
    policy: Policy,
    way: Way,
    offer: Offer,
    visit: { session?: TlsSession; earlyData?: string },
  ): TlsPair {
    const client = this.#context(
      `client ${JSON.stringify(offer)}`,
      () =>
        new TlsContext({
          openssl: this.#sandbox.client,
          ...this.#sandbox.pki.client,
          caCerts: [this.#sandbox.pki.ca.cert],
          maxVersion: offer.version,
          alpnProtocols: [...offer.alpn],
          configure: [
            ["Groups", offer.groups.join(":")],
            ["Ciphersuites", offer.suites.join(":")],
          ],
        }),
    );
    return this.#sandbox.pair({
      client: { context: client, hostname: policy.host, ...visit },
      server: { context: this.#server(policy, way) },
    });
  }

  #server(policy: Policy, way: Way): TlsContext {
    const key = JSON.stringify(policy);
    const options = optionsOf(policy, this.#sandbox, this.#store);
    const own = this.#context(key, () => new TlsContext(options));
    if (way === "own" || way === "renegotiated") return own;
    const { openssl, cert, key: privateKey } = options;
    return this.#context(`${key} ${way}`, () =>
      new TlsContext({
        openssl: openssl ?? this.#sandbox.server,
        cert: cert ?? "",
        key: privateKey ?? "",
        contextFor: () => way === "late" ? Promise.resolve(own) : own,
      }));
  }

  #context(name: string, make: () => TlsContext): TlsContext {
    const context = this.#contexts.get(name) ?? make();
    this.#contexts.set(name, context);
    return context;
  }

  [Symbol.dispose](): void {
    for (const context of this.#contexts.values()) context.close();
    this.#sandbox[Symbol.dispose]();
  }
}

/**
 * Has the client propose another session in a second handshake on the same connection. A
 * live connection can't be given another session, so the one that it has becomes that one.
 */
async function renegotiate(pair: TlsPair, session: TlsSession): Promise<void> {
  const { libssl, ssl } = connections.get(pair.client);
  const other = libssl.d2i_SSL_SESSION(session.toBytes());
  const current = libssl.SSL_get_session(ssl);
  const cipher = other && libssl.SSL_SESSION_get0_cipher(other);
  assert(other && current && cipher);
  libssl.SSL_SESSION_set1_id(current, libssl.SSL_SESSION_get_id(other));
  libssl.SSL_SESSION_set_cipher(current, cipher);
  libssl.SSL_SESSION_set1_master_key(
    current,
    libssl.SSL_SESSION_get_master_key(other),
  );
  libssl.SSL_SESSION_free(other);
  const server = connections.get(pair.server);
  server.libssl.SSL_renegotiate(server.ssl);
  server.libssl.SSL_do_handshake(server.ssl);
  server.collect();
  await pair.run();
}

/** Whether a way is one for these. Tickets can't be put into a client's live session. */
function isPossible(
  way: Way,
  version: TlsVersion,
  from: Policy,
  to: Policy,
): boolean {
  if (way !== "renegotiated") {
    return way !== "retried" || version === "TLSv1.3";
  }
  return version === "TLSv1.2" && from.tickets === "store" &&
    to.tickets !== "stateless";
}

/**
 * Who visits whom in a way: each policy itself, and those that differ from the base in one
 * thing, in every way; each other pair in one of the ways.
 */
function visitsOf(
  way: Way,
): { from: Policy; to: Policy; version: TlsVersion }[] {
  const policies = CHANGES.map((change): Policy => ({ ...BASE, ...change }));
  const i = WAYS.indexOf(way);
  return policies.flatMap((from, m) =>
    policies.flatMap((to, n) => {
      const isNear = m === 0 || n === 0 || m === n;
      if (!isNear && (3 * m + n) % WAYS.length !== i) return [];
      return VERSIONS
        .filter((_, v) => isNear || (m + n) % 2 === v)
        .filter((version) => isPossible(way, version, from, to))
        .map((version) => ({ from, to, version }));
    })
  );
}

describe(
  "Between servers of all policies that share a store",
  SANITIZED,
  () => {
    const matrix = new Matrix();
    afterAll(() => matrix[Symbol.dispose]());

    for (const way of WAYS) {
      it(`sessions pass where the policies allow it and nowhere else: ${way}`, async () => {
        const wrong: unknown[] = [];
        const count = { cases: 0, resumed: 0 };
        for (const { from, to, version } of visitsOf(way)) {
          const first = offerOf(version, false);
          if (!accepts(from, first)) continue;
          const { session, negotiated } = await matrix.minted(from, first);
          if (session === null) continue;
          const offer = offerOf(version, way === "retried");
          const resumed = mayResume(from, to, negotiated, offer) &&
            (way !== "renegotiated" || accepts(to, offer));
          const expected: Outcome = {
            isOpen: resumed || accepts(to, offer),
            resumed,
            earlyData: resumed && letsEarlyDataIn(to, negotiated, offer),
          };
          const outcome = await matrix.visit(to, way, offer, session);
          count.cases++;
          if (outcome.resumed) count.resumed++;
          if (JSON.stringify(outcome) === JSON.stringify(expected)) continue;
          wrong.push({ from, to, version, negotiated, expected, outcome });
        }
        assertEquals(wrong, []);
        assert(count.cases > 80 && count.resumed > 20, JSON.stringify(count));
      });
    }
  },
);
