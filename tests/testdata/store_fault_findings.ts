import type { PlannedFault } from "../../src/testing/faulty_store.ts";

/** Faults that break a promise each, and the words of the suite that say which. */
export const BROKEN_BY_FAULTS: readonly [PlannedFault, string][] = [
  [
    { on: "get", fault: { kind: "stale-read" } },
    "the first get returns what was set (1 bytes [59] expected, undefined",
  ],
  [
    { on: "get", fault: { kind: "stale-read" } },
    'after delete for "expired" there is no record',
  ],
  [
    { on: "get", fault: { kind: "stale-read" } },
    "a deleted record never comes back",
  ],
  [
    { on: "get", fault: { kind: "stale-read" } },
    "get returns what was set last",
  ],
  [
    { on: "get", fault: { kind: "stale-read" } },
    "a set aborted before the call stores, or fails",
  ],
  [
    { on: "take", when: { calls: 2 }, fault: { kind: "stale-read" } },
    "a second take finds nothing",
  ],
  [
    { on: "take", fault: { kind: "duplicate" } },
    "a second take finds nothing",
  ],
  [
    { on: "take", fault: { kind: "duplicate" } },
    "one of 8 takes at the same time gets the record (8 of 8",
  ],
  [
    { on: "take", fault: { kind: "duplicate" } },
    "a take aborted before the call gives no record twice",
  ],
  [
    { on: "set", fault: { kind: "lost-write" } },
    "the first get returns what was set",
  ],
  [
    { on: "set", when: { calls: 2 }, fault: { kind: "lost-write" } },
    "get returns what was set last",
  ],
  [
    { on: "delete", fault: { kind: "lost-write" } },
    'after delete for "expired" there is no record',
  ],
  [
    { on: "revoke", fault: { kind: "lost-write" } },
    "after revoke there is no record with the tag",
  ],
  [
    { on: "get", fault: { kind: "wrong-record" } },
    "the record of id [1] is its own",
  ],
  [
    { on: "take", fault: { kind: "wrong-record" } },
    "take returns the record",
  ],
  [
    { on: "get", fault: { kind: "corrupt" } },
    "the first get returns what was set",
  ],
  [
    { on: "set", fault: { kind: "corrupt", at: 0 } },
    "the first get returns what was set",
  ],
  [
    { on: "take", fault: { kind: "corrupt" } },
    "take returns the record",
  ],
  [
    { on: "get", fault: { kind: "expired" } },
    "get returns no record at its expiresAt",
  ],
  [
    { on: "take", fault: { kind: "expired" } },
    "take returns no record at its expiresAt",
  ],
  [
    { on: "get", fault: { kind: "never" } },
    "get settles or fails",
  ],
  [
    { on: "entries", fault: { kind: "never" } },
    "entries settles or fails",
  ],
  [
    { on: "get", fault: { kind: "error" } },
    "Planned failure of get",
  ],
  [
    { on: "set", fault: { kind: "error", takesEffect: true } },
    "Planned failure of set",
  ],
  [
    { on: "entries", fault: { kind: "error" } },
    "Planned failure of entries",
  ],
  [
    { on: "delete", fault: { kind: "throws-sync" } },
    "Planned failure of delete",
  ],
  [
    { on: "purge", fault: { kind: "throws-sync" } },
    "Planned failure of purge",
  ],
];
