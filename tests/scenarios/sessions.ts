/** Sessions that servers keep: in a store, or in OpenSSL's own cache. */
import type { Scenario, ScenarioFault } from "../../src/testing/scenario.ts";
import { again, forVersions, full, only, resumed, success } from "./words.ts";

/** Faults of stores, and what a server makes of them when it looks a session up. */
const LOOKUP_FAULTS: readonly [
  what: string,
  fault: ScenarioFault["fault"],
  reason: "store-failed" | "deadline" | "malformed-record" | "unknown-id",
  storeErrors: number,
][] = [
  ["rejects", { kind: "error" }, "store-failed", 1],
  ["throws", { kind: "throws-sync" }, "store-failed", 1],
  ["never answers", { kind: "never" }, "deadline", 1],
  ["answers too late", { kind: "latency", ms: 60_000 }, "deadline", 1],
  [
    "spoils the record's version",
    { kind: "corrupt", at: 0 },
    "malformed-record",
    1,
  ],
];

export const SESSIONS: readonly Scenario[] = forVersions((version, isTls13) => {
  const client = only(version);
  /** How many sessions a full handshake makes. */
  const made = isTls13 ? 2 : 1;
  /** And one that resumes. */
  const renewed = isTls13 ? 1 : 0;
  /** How many messages say so: an id needs none. */
  const tickets = isTls13 ? 2 : 0;
  const first = full("none-offered", {
    protocol: version,
    writes: made,
    sessions: made,
    tickets,
    lookups: 0,
    storeErrors: 0,
    sessionId: isTls13 ? "echoed" : "new",
  });
  return [
    {
      name: "a session is resumed from the store",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(resumed("store", {
          protocol: version,
          lookups: 1,
          writes: renewed,
          sessions: renewed,
          tickets: renewed,
          deletions: 0,
          sessionId: "echoed",
        })),
      ],
    },
    {
      name: "a server that shares the store resumes another's session",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(resumed("store", { lookups: 1 }), { server: {} }),
        again(resumed("store", { lookups: 1 }), { server: "first" }),
      ],
    },
    {
      name: "a server with a store of its own doesn't know another's session",
      server: { store: "own" },
      client,
      expect: first,
      then: [
        again(full("unknown-id", { lookups: 1, writes: made }), { server: {} }),
        again(resumed("store"), { server: "first", session: "first" }),
      ],
    },
    {
      name: "a client that forgets its session starts anew",
      server: { store: "memory" },
      client,
      expect: first,
      then: [again(first, { session: "none" })],
    },
    {
      name: "another client resumes with the session that it was handed",
      server: { store: "memory" },
      client,
      expect: first,
      then: [again(resumed("store"), { client: {} })],
    },
    {
      name: "a session is resumed again and again",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(resumed("store"), { session: "first" }),
        again(resumed("store"), { session: "first" }),
        again(resumed("store"), { session: "first" }),
      ],
    },
    {
      name: isTls13
        ? "with singleUse a session is resumed once, and the next one then"
        : "singleUse lets a session be resumed again: its client has no other",
      server: { store: "memory", singleUse: true },
      client,
      expect: first,
      then: [
        again(resumed("store"), { session: "first" }),
        again(isTls13 ? full("unknown-id") : resumed("store"), {
          session: "first",
        }),
        again(resumed("store")),
      ],
    },
    {
      name: "with singleUse two servers don't both resume a session",
      server: { store: "memory", singleUse: true },
      client,
      expect: first,
      then: [
        again(resumed("store"), { session: "first" }),
        again(isTls13 ? full("unknown-id") : resumed("store"), {
          session: "first",
          server: {},
        }),
      ],
    },
    {
      name: "a store whose take leaves the record lets a session be used twice",
      server: {
        store: "memory",
        singleUse: true,
        faults: [{ on: "take", fault: { kind: "duplicate" } }],
      },
      client,
      expect: first,
      then: [
        again(resumed("store"), { session: "first" }),
        again(resumed("store"), { session: "first" }),
      ],
    },
    {
      name: "a session lives to its last second, and not beyond",
      server: { store: "memory", sessionTimeout: 60 },
      client,
      expect: first,
      then: [
        { advance: 59 },
        again(resumed("store"), { session: "first" }),
        { advance: 1 },
        again(full("unknown-id", { lookups: 1 }), { session: "first" }),
      ],
    },
    {
      name: "an expired session that the store still gives isn't resumed",
      server: {
        store: "memory",
        sessionTimeout: 60,
        faults: [{ on: "get", fault: { kind: "expired" } }],
      },
      client,
      expect: first,
      then: [
        { advance: 60 },
        again(full("expired", { lookups: 1 }), { session: "first" }),
      ],
    },
    {
      name: "sessions live for two hours unless told",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        { advance: 7199 },
        again(resumed("store"), { session: "first" }),
        { advance: 2 },
        // By now the client knows, too.
        again(full("none-offered", { lookups: 0 }), { session: "first" }),
      ],
    },
    {
      name: "sessions of a tag are revoked together",
      server: { store: "memory", tag: "alice" },
      client,
      expect: first,
      then: [
        { revoke: "bob" },
        again(resumed("store"), { session: "first" }),
        { revoke: "alice" },
        again(full("unknown-id"), { session: "first" }),
      ],
    },
    {
      name: "what a resumption makes has a tag, too",
      server: { store: "memory", tag: "alice" },
      client,
      expect: first,
      then: [
        again(resumed("store")),
        { revoke: "alice" },
        again(full("unknown-id")),
        again(resumed("store")),
      ],
    },
    {
      name: "a connection that is cut off keeps its sessions",
      server: { store: "memory" },
      client,
      end: "cut",
      expect: { ...first, deletions: 0 },
      then: [again(resumed("store"))],
    },
    {
      name:
        "uncleanClose remove: a connection that is cut off loses its sessions",
      server: { store: "memory", uncleanClose: "remove" },
      client,
      end: "cut",
      expect: { ...first, deletions: made },
      then: [again(full("unknown-id"))],
    },
    {
      name: "uncleanClose remove: one that is closed keeps them",
      server: { store: "memory", uncleanClose: "remove" },
      client,
      end: "close",
      expect: { ...first, deletions: 0 },
      then: [again(resumed("store"))],
    },
    {
      name: "uncleanClose remove: what was resumed goes as well",
      server: { store: "memory", uncleanClose: "remove" },
      client,
      expect: first,
      then: [
        again(resumed("store", { deletions: 1 + renewed }), { end: "cut" }),
        again(full("unknown-id"), { session: "first" }),
      ],
    },
    {
      name: "a fatal error takes the connection's sessions along",
      server: { store: "memory" },
      client,
      end: "forged",
      expect: { ...first, deletions: made },
      then: [again(full("unknown-id"))],
    },
    {
      name: "a fatal error takes what was resumed along",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(resumed("store", { deletions: 1 + renewed }), { end: "forged" }),
        again(full("unknown-id"), { session: "first" }),
      ],
    },
    {
      name: "a server of another sessionIdContext doesn't resume",
      server: { store: "memory", sessionIdContext: "shop" },
      client,
      expect: first,
      then: [
        again(full("context-mismatch", { lookups: 1 }), {
          server: { sessionIdContext: "mail" },
        }),
        again(resumed("store"), { server: "first", session: "first" }),
      ],
    },
    {
      name: "a server of the same sessionIdContext resumes",
      server: { store: "memory", sessionIdContext: "shop" },
      client,
      expect: first,
      then: [again(resumed("store"), { server: {} })],
    },
    {
      name: "a fleet of one sessionIdKey resumes each other's sessions",
      server: { store: "memory", sessionIdKey: ["fleet"] },
      client,
      expect: first,
      then: [again(resumed("store", { lookups: 1 }), { server: {} })],
    },
    {
      name: "ids by an older sessionIdKey are looked up while it is listed",
      server: { store: "memory", sessionIdKey: ["old"] },
      client,
      expect: first,
      then: [
        again(resumed("store", { lookups: 1 }), {
          server: { sessionIdKey: ["new", "old"] },
          session: "first",
        }),
        again(full("id-not-ours", { lookups: 0 }), {
          server: { sessionIdKey: ["new"] },
          session: "first",
        }),
      ],
    },
    {
      name: "ids without a proof never reach the store",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(full("id-not-ours", { lookups: 0, writes: made }), {
          server: { sessionIdKey: ["fleet"] },
        }),
      ],
    },
    {
      name: "without a store sessions are kept in memory",
      server: { tickets: "stateful" },
      client,
      expect: full("none-offered", {
        writes: 0,
        sessions: made,
        tickets,
        sessionId: isTls13 ? "echoed" : "new",
      }),
      then: [again(resumed("internal", { lookups: 0 }))],
    },
    {
      name: "sessions in memory are gone when the server starts again",
      server: { tickets: "stateful" },
      client,
      expect: full("none-offered"),
      then: [
        again(full("unknown-id"), { server: {} }),
        again(resumed("internal")),
      ],
    },
    {
      name: "sessions in memory expire as well",
      server: { tickets: "stateful", sessionTimeout: 60 },
      client,
      expect: full("none-offered"),
      then: [
        { advance: 59 },
        again(resumed("internal"), { session: "first" }),
        { advance: 2 },
        again(full(isTls13 ? "none-offered" : "unknown-id"), {
          session: "first",
        }),
      ],
    },
    {
      name: "a server of stateless tickets has no use for the id of a session",
      server: { store: "memory" },
      client,
      expect: first,
      then: [
        again(full(isTls13 ? "ticket-rejected" : "none-offered"), {
          server: { store: "none" },
        }),
      ],
    },
    ...LOOKUP_FAULTS.map(([what, fault, reason, storeErrors]): Scenario => ({
      name: `a store that ${what} costs a full handshake`,
      server: {
        store: "memory",
        lookupTimeout: 5,
        faults: [{ on: "get", when: { calls: 1 }, fault }],
      },
      client,
      expect: first,
      then: [
        again(full(reason, { storeErrors, lookups: 1, writes: made }), {
          session: "first",
        }),
        again(resumed("store", { storeErrors: 0 }), { session: "first" }),
      ],
    })),
    {
      name: "a record of another session isn't taken for this one",
      server: {
        store: "memory",
        faults: [{ on: "get", fault: { kind: "wrong-record" } }],
      },
      client,
      expect: first,
      then: [
        again(first, { session: "none" }),
        again(full("malformed-record", { storeErrors: 1 }), {
          session: "first",
        }),
      ],
    },
    {
      name: "a store that loses a write has never heard of the session",
      server: {
        store: "memory",
        faults: [{ on: "set", fault: { kind: "lost-write" } }],
      },
      client,
      expect: first,
      then: [again(full("unknown-id", { storeErrors: 0 }))],
    },
    {
      name: "a store that fails to write costs the next handshake",
      server: {
        store: "memory",
        faults: [{ on: "set", fault: { kind: "error" } }],
      },
      client,
      expect: { ...first, storeErrors: made },
      then: [again(full("unknown-id", { storeErrors: made }))],
    },
    {
      name:
        "a store that never answers a write holds the client back for a while",
      server: {
        store: "memory",
        writeTimeout: 5,
        faults: [{ on: "set", fault: { kind: "never" } }],
      },
      client,
      expect: { ...first, storeErrors: made },
      then: [again(full("unknown-id"))],
    },
    {
      name: "a store whose answer to a write is lost has the session",
      server: {
        store: "memory",
        faults: [{ on: "set", fault: { kind: "error", takesEffect: true } }],
      },
      client,
      expect: { ...first, storeErrors: made },
      then: [again(resumed("store"))],
    },
    {
      name: "a stale replica forgets a revocation",
      server: {
        store: "memory",
        tag: "alice",
        faults: [{
          on: "get",
          when: { calls: 1 },
          fault: { kind: "stale-read" },
        }],
      },
      client,
      expect: first,
      then: [
        // Before the last change there was nothing under this id.
        again(full("unknown-id"), { session: "first" }),
        again(resumed("store"), { session: "first" }),
      ],
    },
  ];
});

export const COMMIT: readonly Scenario[] = [
  {
    name: "commit background: a client has its session before the store",
    server: {
      store: "memory",
      commit: "background",
      writeTimeout: 5,
      faults: [{ on: "set", fault: { kind: "never" } }],
    },
    expect: success({ sessions: 2, tickets: 2 }),
    then: [again(full("unknown-id"))],
  },
];
