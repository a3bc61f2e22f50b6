/** Application protocols that peers agree on. */
import type { Scenario } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

export const ALPN: readonly Scenario[] = forVersions((version) => {
  const client = only(version);
  return [
    {
      name: "peers agree on the protocol that both have",
      client: { ...client, alpnProtocols: ["http/1.1"] },
      server: { alpnProtocols: ["h2", "http/1.1"] },
      expect: success({ alpn: "http/1.1" }),
    },
    {
      name: "the server's first protocol counts, not the client's",
      client: { ...client, alpnProtocols: ["http/1.1", "h2"] },
      server: { alpnProtocols: ["h2", "http/1.1"] },
      expect: success({ alpn: "h2" }),
    },
    {
      name: "a client that offers none gets none",
      client,
      server: { alpnProtocols: ["h2"] },
      expect: success({ alpn: null, protocol: version }),
      then: [
        again(success({ alpn: "h2" }), { client: { alpnProtocols: ["h2"] } }),
      ],
    },
    {
      name: "a server that has none selects none",
      client: { ...client, alpnProtocols: ["h2"] },
      expect: success({ alpn: null, protocol: version }),
      then: [
        again(success({ alpn: "h2" }), { server: { alpnProtocols: ["h2"] } }),
      ],
    },
    {
      name: "without a protocol in common there is no connection",
      client: { ...client, alpnProtocols: ["h3"] },
      server: { alpnProtocols: ["h2", "http/1.1"] },
      expect: refused("server", "no_application_protocol", { alpn: null }),
    },
    {
      name: "protocols are told apart by case",
      client: { ...client, alpnProtocols: ["H2"] },
      server: { alpnProtocols: ["h2"] },
      expect: refused("server", "no_application_protocol"),
    },
    {
      name: "a protocol's name may have any bytes",
      client: { ...client, alpnProtocols: ["\u0000\u00ff grease"] },
      server: { alpnProtocols: ["\u0000\u00ff grease"] },
      expect: success({ alpn: "\u0000\u00ff grease" }),
    },
    {
      name: "the protocol is the same when a session is resumed",
      client: { ...client, alpnProtocols: ["h2", "http/1.1"] },
      server: { alpnProtocols: ["h2"], store: "memory" },
      expect: success({ alpn: "h2" }),
      then: [again(resumed("store", { alpn: "h2" }))],
    },
    {
      name: "the protocol is agreed on anew when a session is resumed",
      client: { ...client, alpnProtocols: ["h2", "http/1.1"] },
      server: { alpnProtocols: ["h2"], store: "memory" },
      expect: success({ alpn: "h2" }),
      then: [
        again(resumed("store", { alpn: "http/1.1" }), {
          server: { alpnProtocols: ["http/1.1"] },
        }),
        again(resumed("store", { alpn: null }), {
          client: { alpnProtocols: [] },
        }),
      ],
    },
    {
      name: "a session of no protocol is resumed with one",
      client,
      server: { alpnProtocols: ["h2"] },
      expect: success({ alpn: null }),
      then: [
        again(resumed("ticket", { alpn: "h2" }), {
          client: { alpnProtocols: ["h2"] },
        }),
      ],
    },
    {
      name: "a session doesn't help where no protocol is in common any more",
      client: { ...client, alpnProtocols: ["h2"] },
      server: { alpnProtocols: ["h2"], store: "memory" },
      expect: success({ alpn: "h2" }),
      then: [
        again(refused("server", "no_application_protocol"), {
          server: { alpnProtocols: ["http/1.1"] },
        }),
        again(resumed("store", { alpn: "h2" }), {
          server: "first",
          session: "first",
        }),
      ],
    },
  ];
});
