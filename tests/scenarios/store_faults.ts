/** Stores that fail, and what servers make of it. */
import type { Scenario, ScenarioFault } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  resumed,
  stored,
  success,
} from "./expectations.ts";

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
  [
    "spoils the record's version",
    { kind: "corrupt", at: 0 },
    "malformed-record",
    1,
  ],
];

export const STORE_FAULTS: readonly Scenario[] = forVersions(
  (version) => {
    const client = only(version);
    const { made, first } = stored(version);
    return [
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
          again(
            full(reason, {
              storeErrors,
              lookups: 1,
              writes: made,
              injected: 1,
            }),
            { session: "first" },
          ),
          again(resumed("store", { storeErrors: 0, injected: 0 }), {
            session: "first",
          }),
        ],
      })),
      {
        name: "a store that is slow by the clock is waited for",
        server: {
          store: "memory",
          faults: [{ on: "get", fault: { kind: "latency", ms: 60_000 } }],
        },
        client,
        expect: first,
        then: [
          again(
            resumed("store", { storeErrors: 0, lookups: 1, elapsed: 60_000 }),
            { session: "first" },
          ),
        ],
      },
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
  },
);

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
