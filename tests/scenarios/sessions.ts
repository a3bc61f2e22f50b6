/** Sessions that servers keep: in a store, or in OpenSSL's own cache. */
import type { Scenario } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  resumed,
  stored,
} from "./expectations.ts";

/** With TLS 1.2 nothing is taken: see `singleUse`. */
const TAKEN_TWICE: Scenario = {
  name:
    "TLSv1.3: a store whose take leaves the record lets a session be used twice",
  server: {
    store: "memory",
    singleUse: true,
    faults: [{ on: "take", fault: { kind: "duplicate" } }],
  },
  expect: stored("TLSv1.3").first,
  then: [
    again(resumed("store", { injected: 1 }), { session: "first" }),
    again(resumed("store", { injected: 1 }), { session: "first" }),
  ],
};

export const SESSIONS: readonly Scenario[] = [
  TAKEN_TWICE,
  ...forVersions((version, isTls13) => {
    const client = only(version);
    const { made, renewed, first } = stored(version);
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
          again(full("unknown-id", { lookups: 1, writes: made }), {
            server: {},
          }),
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
          { advance: 1 },
          again(full("unknown-id", { lookups: 1 }), { session: "first" }),
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
          again(first, { server: { tag: "bob" }, session: "none" }),
          { revoke: "bob" },
          again(resumed("store"), { session: "first" }),
          again(full("unknown-id"), { session: { of: 2 } }),
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
          tickets: isTls13 ? 2 : 0,
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
          { advance: 60 },
          // OpenSSL's own count includes the last second, unlike a store's.
          again(resumed("internal"), { session: "first" }),
          { advance: 1 },
          again(full("unknown-id"), { session: "first" }),
        ],
      },
      {
        name:
          "a server of stateless tickets has no use for the id of a session",
        server: { store: "memory" },
        client,
        expect: first,
        then: [
          again(full(isTls13 ? "ticket-rejected" : "none-offered"), {
            server: { store: "none" },
          }),
        ],
      },
    ];
  }),
];
