import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type {
  Resumption,
  ResumptionFailure,
  TlsContext,
  TlsContextOptions,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { honest, type StoreHandler } from "../../support/probed_store.ts";
import {
  SANITIZED,
  Site,
  VERSIONS,
  type VisitOptions,
} from "../../support/site.ts";

/** A way to a full handshake: a session, and why it isn't resumed afterwards. */
interface Case {
  /** The server that gives the session. */
  readonly from?: TlsContextOptions;
  /** The server that doesn't resume it. */
  readonly to?: TlsContextOptions;
  /** How the client gets it, and proposes it unless `then` says otherwise. */
  readonly visit?: VisitOptions;
  /** How the client proposes it. */
  readonly then?: VisitOptions;
  /** Whether the client proposes nothing. */
  readonly isNew?: boolean;
  /** How much time passes in between, in seconds. */
  readonly seconds?: number;
  /** How the store behaves in between. */
  readonly handle?: StoreHandler;
}

const LEGACY: TlsContextOptions = {
  minVersion: "TLSv1.1",
  configure: [["CipherString", "DEFAULT@SECLEVEL=0"]],
};
const onGet = (answer: (record: Uint8Array) => unknown): StoreHandler =>
(
  { operation },
  act,
) => operation === "get" ? answer(act() as Uint8Array) : act();

const STATELESS: TlsContextOptions = {
  tickets: "stateless",
  ticketKeys: [new Uint8Array(80)],
};

/** A client that is good for an hour, and servers that ask for it. */
const passing = createTestCertificate({
  notAfter: new Date(Date.now() + 3_600_000),
});
const ASKING: TlsContextOptions = {
  caCerts: [passing.cert],
  clientAuth: "request",
};

const CASES: [ResumptionFailure, string, Case][] = [
  ["none-offered", "a new client", { isNew: true }],
  ["none-offered", "a new client of TLS 1.2", {
    isNew: true,
    visit: { version: "TLSv1.2" },
  }],
  ["none-offered", "a session of TLS 1.2 to a server of TLS 1.3", {
    visit: { version: "TLSv1.2" },
    then: { version: "TLSv1.3", client: { minVersion: "TLSv1.3" } },
  }],
  ["disabled", "tickets off", { to: { tickets: "off" } }],
  ["unknown-id", "a store that has lost it", {
    handle: onGet(() => undefined),
  }],
  ["unknown-id", "a stateless ticket", { from: { tickets: "stateless" } }],
  ["unknown-id", "the random id of a client that could do TLS 1.3", {
    isNew: true,
    to: { maxVersion: "TLSv1.2" },
  }],
  ["id-not-ours", "an id of another key", {
    from: { sessionIdKey: new Uint8Array(16) },
    to: { sessionIdKey: new Uint8Array(16).fill(1) },
  }],
  ["expired", "a store that keeps what has expired", {
    from: { sessionTimeout: 60 },
    seconds: 60,
    handle: onGet(() => undefined),
  }],
  ["too-old", "a store that keeps what is too old", {
    from: { maxSessionAge: 60 },
    to: { maxSessionAge: 60 },
    seconds: 60,
  }],
  ["too-old", "a session of a server that allows more", {
    to: { maxSessionAge: 60 },
    seconds: 60,
  }],
  ["too-old", "a ticket of a server that allows more", {
    from: STATELESS,
    to: { ...STATELESS, maxSessionAge: 60 },
    seconds: 60,
  }],
  ["expired", "a ticket", {
    from: { ...STATELESS, sessionTimeout: 60 },
    to: STATELESS,
    visit: { version: "TLSv1.2" },
    seconds: 61,
  }],
  ["certificate-expired", "a store that keeps what has ended", {
    from: ASKING,
    to: ASKING,
    visit: { version: "TLSv1.2", client: passing },
    then: { version: "TLSv1.2" },
    seconds: 7000,
  }],
  ["certificate-expired", "a ticket", {
    from: { ...ASKING, ...STATELESS },
    to: { ...ASKING, ...STATELESS },
    visit: { version: "TLSv1.2", client: passing },
    then: { version: "TLSv1.2" },
    seconds: 7000,
  }],
  ["not-revalidated", "a client who may not", {
    from: ASKING,
    to: { ...ASKING, revalidate: () => false },
    visit: { client: passing },
  }],
  ["revalidation-failed", "nobody who can say whether a client may", {
    from: ASKING,
    to: {
      ...ASKING,
      revalidate: () => Promise.reject(new Error("down")),
    },
    visit: { client: passing },
  }],
  ["context-mismatch", "another application", {
    from: { sessionIdContext: "one" },
    to: { sessionIdContext: "another" },
  }],
  ["version-mismatch", "a session of TLS 1.1 between peers that can do 1.2", {
    from: { ...LEGACY, maxVersion: "TLSv1.1" },
    to: { ...LEGACY, maxVersion: "TLSv1.2" },
    visit: { version: "TLSv1.2", client: LEGACY },
  }],
  ["cipher-mismatch", "a cipher of another hash", {
    from: { configure: [["Ciphersuites", "TLS_AES_256_GCM_SHA384"]] },
    to: { configure: [["Ciphersuites", "TLS_AES_128_GCM_SHA256"]] },
  }],
  ["cipher-mismatch", "a cipher that the context has no more", {
    from: { configure: [["CipherString", "ECDHE-ECDSA-AES128-SHA"]] },
    to: { configure: [["CipherString", "ECDHE+AESGCM"]] },
    visit: {
      version: "TLSv1.2",
      client: {
        configure: [["CipherString", "ECDHE-ECDSA-AES128-SHA:ECDHE+AESGCM"]],
      },
    },
  }],
  ["group-mismatch", "a group that the context has no more", {
    from: { configure: [["Groups", "X25519"]] },
    to: { configure: [["Groups", "P-256"]] },
  }],
  ["ticket-rejected", "a ticket of another key", {
    from: { tickets: "stateless" },
    to: { tickets: "stateless" },
  }],
  ["store-failed", "a store that is down", {
    handle: onGet(() => Promise.reject(new Error("down"))),
  }],
  ["deadline", "a store that is slow", {
    handle: onGet(() => new Promise(() => {})),
  }],
  ["malformed-record", "a store that cuts records off", {
    handle: onGet((record) => record.slice(0, 99)),
  }],
  ["refused", "a session of before extended master secrets (RFC 7627, 5.3)", {
    visit: {
      version: "TLSv1.2",
      client: { configure: [["Options", "-ExtendedMasterSecret"]] },
    },
    then: { version: "TLSv1.2" },
  }],
];

/** A server of a case: with the store, unless its sessions aren't there. */
function serverOf(site: Site, options: TlsContextOptions = {}): TlsContext {
  const needsStore = (options.tickets ?? "stateful") === "stateful";
  return needsStore
    ? site.server({ lookupTimeout: 5, ...options })
    : site.context(options);
}

/** Plays a case: what became of the handshake, and who served it. */
async function play(site: Site, what: Case): Promise<[Resumption, TlsContext]> {
  const from = serverOf(site, what.from);
  const session = what.isNew ? undefined : await site.session(from, what.visit);
  const record = site.store.inner.get(
    site.store.of("set").at(-1)?.id ?? new Uint8Array(1),
  );
  site.time += (what.seconds ?? 0) * 1000;
  site.store.handle = what.seconds
    ? onGet(() => record)
    : what.handle ?? honest;
  const to = serverOf(site, what.to);
  const outcome = await site.resume(to, {
    ...(what.then ?? what.visit),
    session,
  });
  site.store.handle = honest;
  return [outcome, to];
}

describe("A server says why it didn't resume", SANITIZED, () => {
  for (const [reason, what, how] of CASES) {
    it(`${reason}: ${what}`, async () => {
      using site = new Site();
      const [outcome, to] = await play(site, how);
      assertEquals(outcome, { resumed: false, reason });
      assertEquals(to.stats.full, { [reason]: 1 });
      assertEquals(to.stats.resumed, {});
      assertEquals(to.stats.handshakes, 1);
    });
  }

  it("in all the words that there are", () => {
    const words: Record<ResumptionFailure, boolean> = {
      "none-offered": true,
      "disabled": true,
      "unknown-id": true,
      "id-not-ours": true,
      "expired": true,
      "too-old": true,
      "certificate-expired": true,
      "context-mismatch": true,
      "version-mismatch": true,
      "cipher-mismatch": true,
      "group-mismatch": true,
      "ticket-rejected": true,
      "store-failed": true,
      "not-revalidated": true,
      "revalidation-failed": true,
      "deadline": true,
      "malformed-record": true,
      "refused": true,
      "server-declined": false, // a client's word
    };
    assertEquals(
      [...new Set(CASES.map(([reason]) => reason))].sort(),
      Object.entries(words).filter(([, isServers]) => isServers)
        .map(([word]) => word).sort(),
    );
  });
});

describe("A client says", SANITIZED, () => {
  it("whether it had proposed a session", async () => {
    using site = new Site();
    const server = site.server();
    using first = await site.visit(server);
    assertEquals(first.client.resumption, {
      resumed: false,
      reason: "none-offered",
    });
    const { session } = first;
    using second = await site.visit(server, { session });
    assertEquals(second.client.resumption, { resumed: true, from: "session" });
    site.store.inner.clear();
    using third = await site.visit(server, { session });
    assertEquals(third.client.resumption, {
      resumed: false,
      reason: "server-declined",
    });
  });

  for (const version of VERSIONS) {
    it(`that its session has expired (${version})`, async () => {
      using site = new Site();
      const server = site.server();
      const session = await site.session(server, { version });
      site.time += 7_201_000;
      using visit = await site.visit(server, { version, session });
      assertEquals(visit.client.resumption, {
        resumed: false,
        reason: "expired",
      });
    });
  }
});
