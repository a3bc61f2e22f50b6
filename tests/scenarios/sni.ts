/** Virtual hosts, and sessions that belong to one of them. */
import type { Scenario, ScenarioServer } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

export const SNI: readonly Scenario[] = forVersions((version, isTls13) => {
  const client = only(version);
  const at = (hostname: string) => ({ ...client, hostname });
  const hosts: ScenarioServer = {
    store: "memory",
    hosts: { "a.test": {}, "b.test": {}, "secret.test": "refuse" },
  };
  /** One certificate for all: only then does a client propose one's session to another. */
  const certificate = { hosts: ["a.test", "b.test", "localhost"] };
  const shared: ScenarioServer = {
    store: "memory",
    certificate,
    hosts: { "a.test": { certificate }, "b.test": { certificate } },
  };
  const mismatch = full("context-mismatch", { lookups: 1 });
  return [
    {
      name: "a server knows the name that it is asked for",
      client: at("shop.test"),
      server: { certificate: { hosts: ["shop.test"] } },
      expect: success({ serverName: "shop.test" }),
    },
    {
      name: "each host has its certificate",
      client: at("a.test"),
      server: hosts,
      expect: success({
        serverName: "a.test",
        serverCertificate: "CN=a.test",
      }),
      then: [
        again(
          success({ serverName: "b.test", serverCertificate: "CN=b.test" }),
          { client: { hostname: "b.test" }, session: "none" },
        ),
      ],
    },
    {
      name: "other names are served by the server itself",
      client: at("other.test"),
      server: { ...hosts, certificate: { hosts: ["other.test"] } },
      expect: success({
        serverName: "other.test",
        serverCertificate: "CN=other.test",
      }),
      then: [
        again(success({ serverCertificate: "CN=a.test" }), {
          client: { hostname: "a.test" },
          session: "none",
        }),
      ],
    },
    {
      name:
        "a client doesn't take the certificate of another host for an unknown name",
      client: at("unknown.test"),
      server: hosts,
      expect: refused("client", "bad_certificate", {
        clientError: "hostname mismatch",
      }),
    },
    {
      name: "a host that is refused ends the handshake",
      client: at("secret.test"),
      server: hosts,
      expect: refused("server", "internal_error"),
    },
    {
      name: "names are the same in capitals",
      client: at("A.Test"),
      server: hosts,
      expect: success({
        serverName: "a.test",
        serverCertificate: "CN=a.test",
      }),
    },
    {
      name: "an IP address is no server name",
      client: at("192.0.2.1"),
      server: {
        hosts: {
          "": { certificate: { hosts: ["192.0.2.1"], commonName: "nameless" } },
          "192.0.2.1": "refuse",
        },
      },
      expect: success({
        serverName: null,
        serverCertificate: "CN=nameless",
      }),
    },
    {
      name: "a session is resumed under its name",
      client: at("a.test"),
      server: hosts,
      expect: success(),
      then: [
        again(resumed("store", { serverName: "a.test", lookups: 1 })),
        again(resumed("store", { serverName: "a.test" }), { server: {} }),
      ],
    },
    {
      name:
        "a session isn't resumed under another name, even of the same certificate",
      client: at("a.test"),
      server: shared,
      expect: success(),
      then: [
        again(mismatch, { client: { hostname: "b.test" }, session: "first" }),
        again(mismatch, {
          client: { hostname: "localhost" },
          session: "first",
        }),
        again(resumed("store"), { client: "first", session: "first" }),
      ],
    },
    {
      name: "a name without a host of its own has its own sessions, too",
      client: at("one.test"),
      server: {
        store: "memory",
        certificate: { hosts: ["one.test", "two.test"] },
      },
      expect: success(),
      then: [
        again(mismatch, { client: { hostname: "two.test" }, session: "first" }),
        again(resumed("store"), { client: "first", session: "first" }),
      ],
    },
    {
      name: "hosts of one sessionIdContext share sessions",
      client: at("a.test"),
      server: {
        store: "memory",
        hosts: {
          "a.test": { certificate, sessionIdContext: "site" },
          "b.test": { certificate, sessionIdContext: "site" },
        },
      },
      expect: success({ serverName: "a.test" }),
      then: [
        again(resumed("store", { serverName: "b.test" }), {
          client: { hostname: "b.test" },
        }),
      ],
    },
    {
      name:
        "a client doesn't propose a session to a host with another certificate",
      client: at("a.test"),
      server: hosts,
      expect: success(),
      then: [
        again({ result: "client-refuses", clientError: "b.test", lookups: 0 }, {
          client: { hostname: "b.test" },
        }),
      ],
    },
    {
      name: "a ticket of one name is rejected under another",
      client: at("a.test"),
      server: {
        ticketKeys: ["fleet"],
        hosts: { "a.test": { certificate }, "b.test": { certificate } },
      },
      expect: success({ tickets: isTls13 ? 2 : 1 }),
      then: [
        again(full("ticket-rejected"), {
          client: { hostname: "b.test" },
          session: "first",
        }),
        again(resumed("ticket"), { client: "first", session: "first" }),
      ],
    },
    {
      name: "a host keeps its sessions in a store of its own",
      client: at("a.test"),
      server: {
        store: "memory",
        hosts: { "a.test": { store: "own" } },
      },
      expect: success(),
      then: [
        again(resumed("store")),
        again(full("unknown-id"), { server: { hosts: { "a.test": {} } } }),
      ],
    },
    {
      name: "a host without tickets resumes nothing, whatever the server does",
      client: at("a.test"),
      server: {
        store: "memory",
        hosts: { "a.test": { tickets: "off" } },
      },
      expect: success({ tickets: 0, sessions: 0, writes: 0 }),
      then: [again(full("none-offered", { sessions: 0 }))],
    },
    {
      name: "a host asks for client certificates where the server doesn't",
      client: { ...at("a.test"), certificate: "client" },
      server: { hosts: { "a.test": { clientAuth: "require" } } },
      expect: success({ clientCertificate: "CN=client,O=Test" }),
      then: [
        again(success({ clientCertificate: null, certificateRequest: false }), {
          client: { hostname: "localhost" },
          session: "none",
        }),
      ],
    },
    {
      name: "a host insists on client certificates where the server doesn't",
      client: at("a.test"),
      server: { hosts: { "a.test": { clientAuth: "require" } } },
      expect: refused(
        "server",
        isTls13 ? "certificate_required" : "handshake_failure",
      ),
    },
    {
      name: "a session of an open host isn't one of a host that insists",
      client: { ...at("a.test"), certificate: "client" },
      server: {
        store: "memory",
        hosts: {
          "a.test": { certificate, sessionIdContext: "site" },
          "b.test": {
            certificate,
            sessionIdContext: "site",
            clientAuth: "require",
          },
        },
      },
      expect: success({ clientCertificate: null }),
      then: [
        again(
          full("context-mismatch", { clientCertificate: "CN=client,O=Test" }),
          { client: { hostname: "b.test" } },
        ),
      ],
    },
    {
      name: "a host speaks another version than the server",
      client: { hostname: "a.test" },
      server: { hosts: { "a.test": only(version) } },
      expect: success({ protocol: version }),
    },
    {
      name: "each host has its application protocols",
      client: { ...at("a.test"), alpnProtocols: ["h2", "http/1.1"] },
      server: {
        alpnProtocols: ["http/1.1"],
        hosts: { "a.test": { alpnProtocols: ["h2"] } },
      },
      expect: success({ alpn: "h2" }),
      then: [
        again(success({ alpn: "http/1.1" }), {
          client: { hostname: "localhost" },
          session: "none",
        }),
      ],
    },
    {
      name: "sessions of a host are revoked by its tag",
      client: at("a.test"),
      server: {
        store: "memory",
        tag: "default",
        hosts: { "a.test": { store: "memory", tag: "a" } },
      },
      expect: success(),
      then: [
        { revoke: "default" },
        again(resumed("store"), { session: "first" }),
        { revoke: "a" },
        again(full("unknown-id"), { session: "first" }),
      ],
    },
  ];
});
