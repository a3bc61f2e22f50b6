/** Sessions that clients keep, in tickets. */
import type { Scenario } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  resumed,
  success,
} from "./expectations.ts";

const DAY = 86_400;
const WEEK = 7 * DAY;

export const TICKETS: readonly Scenario[] = forVersions((version, isTls13) => {
  const client = only(version);
  const tickets = isTls13 ? 2 : 1;
  const first = full("none-offered", {
    protocol: version,
    tickets,
    sessions: tickets,
    lookups: 0,
    writes: 0,
    sessionId: isTls13 ? "echoed" : "none",
    ticketLifetime: 7200,
  });
  const renewed = { tickets: 1, sessions: 1 };
  const notRenewed = isTls13 ? renewed : { tickets: 0, sessions: 0 };
  /** That the server renews a ticket, whatever becomes of it. */
  const renews = { tickets: 1 };
  return [
    {
      name: "a ticket is resumed by the server that made it",
      client,
      expect: first,
      then: [again(resumed("ticket", { ...notRenewed, sessionId: "echoed" }))],
    },
    {
      name: "a ticket means nothing to another server",
      client,
      expect: first,
      then: [
        again(full("ticket-rejected", { tickets }), { server: {} }),
        again(resumed("ticket"), { server: "first", session: "first" }),
      ],
    },
    {
      name: "a ticket is resumed wherever its key is known",
      server: { ticketKeys: ["fleet"] },
      client,
      expect: first,
      then: [
        again(resumed("ticket", notRenewed), { server: {} }),
        again(resumed("ticket"), { server: "first" }),
      ],
    },
    {
      name: "a ticket of another key is rejected",
      server: { ticketKeys: ["one"] },
      client,
      expect: first,
      then: [
        again(full("ticket-rejected", { tickets }), {
          server: { ticketKeys: ["two"] },
        }),
        again(resumed("ticket")),
      ],
    },
    {
      name: "a ticket of the old key is resumed, and renewed by the new one",
      server: { ticketKeys: ["old"] },
      client,
      expect: first,
      then: [
        again(resumed("ticket", renewed), {
          server: { ticketKeys: ["new", "old"] },
        }),
        again(resumed("ticket"), { server: { ticketKeys: ["new"] } }),
        again(full("ticket-rejected"), { session: "first" }),
      ],
    },
    {
      name: "a server that doesn't have the new key yet rejects its tickets",
      server: { ticketKeys: ["new", "old"] },
      client,
      expect: first,
      then: [
        again(full("ticket-rejected"), { server: { ticketKeys: ["old"] } }),
        again(resumed("ticket", renews), { server: "first" }),
      ],
    },
    {
      name:
        "a ticket of a key that isn't the first any more survives its demotion twice",
      server: { ticketKeys: ["a"] },
      client,
      expect: first,
      then: [
        again(resumed("ticket", renews), {
          server: { ticketKeys: ["b", "a"] },
          session: "first",
        }),
        again(resumed("ticket", renews), {
          server: { ticketKeys: ["c", "b", "a"] },
          session: "first",
        }),
      ],
    },
    {
      name: "tickets off: the client is given nothing",
      server: { tickets: "off" },
      client,
      expect: full("none-offered", {
        tickets: 0,
        sessions: 0,
        sessionId: isTls13 ? "echoed" : "none",
      }),
      then: [again(full("none-offered"))],
    },
    {
      name: "tickets off: a ticket of before is declined",
      client,
      expect: first,
      then: [
        again(full("disabled", { tickets: 0, sessions: 0 }), {
          server: { tickets: "off" },
        }),
      ],
    },
    {
      name: "tickets off: a stored session of before is declined",
      server: { store: "memory" },
      client,
      expect: success(),
      then: [
        again(full("disabled", { tickets: 0, sessions: 0 }), {
          server: { store: "none", tickets: "off" },
        }),
      ],
    },
    {
      name: "a server that keeps sessions doesn't take tickets",
      client,
      expect: first,
      then: [
        again(full("unknown-id", { writes: isTls13 ? 2 : 1 }), {
          server: { store: "memory" },
        }),
        again(resumed("store")),
      ],
    },
    {
      name: "a ticket lives to its last second, and not beyond",
      server: { sessionTimeout: 60 },
      client,
      expect: { ...first, ticketLifetime: 60 },
      then: [
        { advance: 60 },
        // OpenSSL's count includes the last second, unlike a store's.
        again(resumed("ticket"), { session: "first" }),
        { advance: 1 },
        again(full("expired"), { session: "first" }),
        { advance: 1 },
        again(full(isTls13 ? "none-offered" : "expired"), {
          session: "first",
        }),
      ],
    },
    {
      name: "nothing lives for more than a week",
      server: { sessionTimeout: 2 * WEEK, maxSessionAge: WEEK },
      client: { ...client, sessionTimeout: 2 * WEEK, maxSessionAge: WEEK },
      expect: { ...first, ticketLifetime: WEEK },
      then: [
        { advance: WEEK - 1 },
        again(resumed("ticket"), { session: "first" }),
        { advance: 1 },
        again(full("none-offered"), { session: "first" }),
      ],
    },
    {
      name: "a session stands for a day unless told, whatever its lifetime",
      server: { sessionTimeout: WEEK },
      client: { ...client, sessionTimeout: WEEK },
      expect: { ...first, ticketLifetime: DAY },
      then: [
        { advance: DAY - 1 },
        again(resumed("ticket"), { session: "first" }),
        { advance: 1 },
        again(full("none-offered"), { session: "first" }),
      ],
    },
    {
      name: "a ticket of another sessionIdContext is rejected",
      server: { ticketKeys: ["fleet"], sessionIdContext: "shop" },
      client,
      expect: first,
      then: [
        again(full("ticket-rejected"), {
          server: { sessionIdContext: "mail" },
          session: "first",
        }),
        again(resumed("ticket"), { server: {}, session: "first" }),
      ],
    },
    {
      name: "a ticket is resumed after a connection that was cut off",
      client,
      end: "cut",
      expect: first,
      then: [again(resumed("ticket"))],
    },
    {
      name: "a fatal error doesn't reach a ticket: its server can't revoke it",
      client,
      end: "forged",
      expect: first,
      then: [again(resumed("ticket"))],
    },
  ];
});

/** How many tickets a TLS 1.3 server sends (`NumTickets`), with either sort. */
export const TICKET_COUNTS: readonly Scenario[] = ([0, 1, 3, 5] as const)
  .flatMap((count) =>
    (["stateless", "stateful"] as const).map((tickets): Scenario => ({
      name: `TLSv1.3: NumTickets ${count} (${tickets})`,
      server: {
        tickets,
        configure: [["NumTickets", String(count)]],
        ...(tickets === "stateful" && { store: "memory" }),
      },
      expect: full("none-offered", {
        tickets: count,
        sessions: count,
        writes: tickets === "stateful" ? count : 0,
        ticketLifetime: count === 0 ? null : 7200,
      }),
      then: [
        again(
          count === 0
            ? full("none-offered", { tickets: 0 })
            : resumed(tickets === "stateful" ? "store" : "ticket", {
              tickets: 1,
              sessions: 1,
            }),
        ),
      ],
    }))
  );

export const TICKET_CHAINS: readonly Scenario[] = [
  {
    name: "TLSv1.3: each of five tickets is another session",
    server: {
      store: "memory",
      singleUse: true,
      configure: [["NumTickets", "5"]],
    },
    expect: success({ tickets: 5 }),
    then: [1, 2, 3, 4, 5].map((ticket) =>
      again(resumed("store", { tickets: 1 }), { session: { of: 1, ticket } })
    ),
  },
  {
    name: "TLSv1.3: each resumption gives a ticket for the next",
    expect: success({ tickets: 2 }),
    then: [1, 2, 3].map(() => again(resumed("ticket", { tickets: 1 }))),
  },
  {
    name:
      "TLSv1.2: a client that asks for no ticket is given nothing to resume",
    client: { ...only("TLSv1.2"), configure: [["Options", "-SessionTicket"]] },
    // It is told of an id, which the server doesn't keep.
    expect: full("none-offered", { tickets: 0, sessionId: "new" }),
    then: [again(full("none-offered", { tickets: 0, sessionId: "new" }))],
  },
  {
    name:
      "TLSv1.3: a client that asks for no ticket is given tickets all the same",
    client: { configure: [["Options", "-SessionTicket"]] },
    expect: success({ tickets: 2, sessions: 2 }),
    then: [again(resumed("ticket", { tickets: 1 }))],
  },
];
