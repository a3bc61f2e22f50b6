/** How connections end, and what that does to their sessions. */
import type { Scenario } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  resumed,
  stored,
} from "./expectations.ts";

export const ENDS: readonly Scenario[] = forVersions((version) => {
  const client = only(version);
  const { made, renewed, first } = stored(version);
  return [
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
        again(resumed("store", { deletions: 1 + renewed }), {
          session: "first",
          end: "cut",
        }),
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
        again(resumed("store", { deletions: 1 + renewed }), {
          session: "first",
          end: "forged",
        }),
        again(full("unknown-id"), { session: "first" }),
      ],
    },
  ];
});
