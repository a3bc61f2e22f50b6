/** Networks that are slow, that spoil what they carry, or that fail. */
import type { Scenario } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

export const NETWORKS: readonly Scenario[] = forVersions((version, isTls13) => {
  const client = only(version);
  const server = { store: "memory" } as const;
  /** What an end is told whose connection is gone. */
  const truncated = "Cannot complete the handshake: the transport ended";
  const lost = {
    result: "lost",
    alert: null,
    clientError: truncated,
    serverError: truncated,
    resumed: null,
    sessions: 0,
  } as const;
  return [
    {
      name: "a network that gives a byte at a time changes nothing",
      client,
      server,
      network: { fragment: 1 },
      expect: success({ protocol: version }),
      then: [again(resumed("store"), { network: { fragment: 1 } })],
    },
    {
      name: "a network to the moon changes nothing",
      client,
      server,
      network: { delay: 1300 },
      expect: success({ elapsed: 8 * 1300 }),
      then: [
        again(resumed("store", { elapsed: (isTls13 ? 8 : 7) * 1300 }), {
          network: { delay: 1300 },
        }),
      ],
    },
    {
      name: "a session can expire while its hello is on its way",
      client,
      server: { ...server, sessionTimeout: 60 },
      expect: success(),
      then: [
        { advance: 50 },
        again(full("unknown-id"), { network: { delay: 20_000 } }),
      ],
    },
    {
      name: "a hello that never arrives",
      client,
      server,
      network: { toServer: { drop: { atMessage: 0 } } },
      expect: { ...lost, lookups: 0, writes: 0 },
      then: [again(full("none-offered"))],
    },
    {
      name: "a connection that is reset before the server's hello",
      client,
      server,
      network: { toClient: { drop: { atMessage: 0 } } },
      expect: lost,
    },
    {
      name: "a connection that is reset amid the server's first flight",
      client,
      server,
      network: { toClient: { drop: { atMessage: 2 } } },
      expect: lost,
    },
    {
      name: "a resumption that is reset leaves the session to be resumed",
      client,
      server,
      expect: success(),
      then: [
        again({ ...lost, lookups: 1, deletions: 0 }, {
          session: "first",
          network: { toClient: { drop: { atMessage: 0 } } },
        }),
        again(resumed("store"), { session: "first" }),
      ],
    },
    {
      name: "a hello that ends halfway",
      client,
      server,
      network: { toServer: { truncate: { at: 40 } } },
      expect: { ...lost, lookups: 0 },
    },
    {
      name: "a server hello that is spoilt is noticed",
      client,
      server,
      network: {
        toClient: { corrupt: { at: { message: 0, byte: 10 }, xor: 0x55 } },
      },
      // Its random isn't what was signed, or what the keys were made with.
      expect: isTls13
        ? refused("client", "bad_record_mac")
        : refused("client", "decrypt_error"),
    },
    {
      name: "a server's Finished that is spoilt is noticed",
      client,
      server,
      network: {
        toClient: { corrupt: { at: { message: 4, byte: 2 } } },
      },
      expect: refused(
        "client",
        "bad_record_mac",
      ),
    },
    {
      name: "a spoilt hello doesn't cost a session its life",
      client,
      server,
      expect: success(),
      then: [
        again({
          result: "client-fails",
          deletions: 0,
        }, {
          session: "first",
          network: {
            toClient: { corrupt: { at: { message: 0, byte: 10 }, xor: 0x55 } },
          },
        }),
        again(resumed("store"), { session: "first" }),
      ],
    },
    {
      name: "a record of no known type is refused",
      client,
      server,
      network: { toServer: { corrupt: { at: 0, xor: 0x40 } } },
      expect: refused("server", "unexpected_message", { lookups: 0 }),
    },
    {
      name: "what isn't TLS at all gets no answer",
      client,
      server,
      network: { toServer: { corrupt: { at: 1, xor: 0x40 } } },
      expect: {
        result: "lost",
        alert: null,
        serverError: "wrong version number",
        clientError: truncated,
      },
    },
  ];
});
