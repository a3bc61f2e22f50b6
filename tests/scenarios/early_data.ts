/** Data that clients send with their hello (0-RTT). */
import type { Scenario, ScenarioServer } from "../../src/testing/scenario.ts";
import { again, full, only, resumed, success } from "./expectations.ts";

/** A server that lets it in. */
const EAGER: ScenarioServer = {
  store: "memory",
  singleUse: true,
  maxEarlyData: 1024,
};
const REQUEST = "GET / early";
const early = { earlyData: REQUEST } as const;
const accepted = resumed("store", { earlyData: "accepted" });
const declined = { earlyData: "rejected" } as const;

export const EARLY_DATA: readonly Scenario[] = [
  {
    name: "early data is accepted with a session that allows it",
    server: EAGER,
    expect: success({ earlyData: "none" }),
    then: [again(accepted, early)],
  },
  {
    name: "early data is accepted by another server with the same store",
    server: EAGER,
    expect: success(),
    then: [again(accepted, { ...early, server: {} })],
  },
  {
    name: "early data is accepted with each session in turn",
    server: EAGER,
    expect: success(),
    then: [again(accepted, early), again(accepted, early)],
  },
  {
    name: "a session without early data resumes as any",
    server: EAGER,
    expect: success(),
    then: [again(resumed("store", { earlyData: "none" }))],
  },
  {
    name: "early data is rejected when its session was used before",
    server: EAGER,
    expect: success(),
    then: [
      again(accepted, { ...early, session: "first" }),
      again(full("unknown-id", declined), { ...early, session: "first" }),
    ],
  },
  {
    name:
      "early data is rejected when its session was used before at another server",
    server: EAGER,
    expect: success(),
    then: [
      again(accepted, { ...early, session: "first" }),
      again(full("unknown-id", declined), {
        ...early,
        session: "first",
        server: {},
      }),
    ],
  },
  {
    name: "early data is rejected when its session was used without any",
    server: EAGER,
    expect: success(),
    then: [
      again(resumed("store"), { session: "first" }),
      again(full("unknown-id", declined), { ...early, session: "first" }),
    ],
  },
  {
    name: "early data is rejected by a server that doesn't share the store",
    server: { ...EAGER, store: "own" },
    expect: success(),
    then: [again(full("unknown-id", declined), { ...early, server: {} })],
  },
  {
    name: "early data is rejected when its session has been revoked",
    server: { ...EAGER, tag: "alice" },
    expect: success(),
    then: [
      { revoke: "alice" },
      again(full("unknown-id", declined), early),
    ],
  },
  {
    name: "early data is rejected when its session has expired",
    server: { ...EAGER, sessionTimeout: 60 },
    expect: success(),
    then: [{ advance: 60 }, again(full("unknown-id", declined), early)],
  },
  {
    name: "early data is rejected when another protocol is selected",
    server: { ...EAGER, alpnProtocols: ["h2"] },
    client: { alpnProtocols: ["h2", "http/1.1"] },
    expect: success({ alpn: "h2" }),
    then: [
      again(resumed("store", { ...declined, alpn: "http/1.1" }), {
        ...early,
        server: { alpnProtocols: ["http/1.1"] },
      }),
    ],
  },
  {
    name: "early data is accepted when the same protocol is selected",
    server: { ...EAGER, alpnProtocols: ["h2"] },
    client: { alpnProtocols: ["h2", "http/1.1"] },
    expect: success({ alpn: "h2" }),
    then: [
      again(resumed("store", { earlyData: "accepted", alpn: "h2" }), early),
    ],
  },
  {
    name: "early data is rejected when another cipher suite is selected",
    server: {
      ...EAGER,
      configure: [["Ciphersuites", "TLS_AES_128_GCM_SHA256"]],
    },
    expect: success(),
    then: [
      again(
        resumed("store", {
          ...declined,
          cipher: "TLS_CHACHA20_POLY1305_SHA256",
        }),
        {
          ...early,
          server: {
            configure: [[
              "Ciphersuites",
              "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
            ]],
          },
        },
      ),
    ],
  },
  {
    name: "early data is rejected through a HelloRetryRequest",
    server: EAGER,
    client: { configure: [["Groups", "X25519:P-384"]] },
    expect: success(),
    then: [
      again(resumed("store", { ...declined, helloRetry: true }), {
        ...early,
        server: { configure: [["Groups", "P-384/X25519"]] },
      }),
    ],
  },
  {
    name: "early data is rejected by a server that allows it no more",
    server: EAGER,
    expect: success(),
    then: [
      again(resumed("store", declined), {
        ...early,
        server: { maxEarlyData: 0 },
      }),
    ],
  },
  {
    name: "early data is rejected by a server of tickets",
    server: EAGER,
    expect: success(),
    then: [
      again(full("ticket-rejected", declined), {
        ...early,
        server: { store: "none", singleUse: false, maxEarlyData: 0 },
      }),
    ],
  },
  {
    name: "early data is rejected by a server that resumes nothing",
    server: EAGER,
    expect: success(),
    then: [
      again(full("disabled", declined), {
        ...early,
        server: {
          store: "none",
          singleUse: false,
          maxEarlyData: 0,
          tickets: "off",
        },
      }),
    ],
  },
  {
    name: "early data is rejected where the session belongs to another name",
    server: {
      ...EAGER,
      certificate: { hosts: ["a.test", "b.test"] },
    },
    client: { hostname: "a.test" },
    expect: success(),
    then: [
      again(full("context-mismatch", declined), {
        ...early,
        client: { hostname: "b.test" },
      }),
    ],
  },
  {
    name: "early data is rejected where the store fails",
    server: {
      ...EAGER,
      faults: [{ on: "take", when: { calls: 1 }, fault: { kind: "error" } }],
    },
    expect: success(),
    then: [
      again(full("store-failed", { ...declined, storeErrors: 1 }), early),
      again(accepted, early),
    ],
  },
  {
    name: "early data is rejected where the store takes too long",
    server: {
      ...EAGER,
      lookupTimeout: 5,
      faults: [{ on: "take", fault: { kind: "never" } }],
    },
    expect: success(),
    then: [again(full("deadline", declined), early)],
  },
  {
    name: "early data isn't sent where the session doesn't allow it",
    server: { store: "memory" },
    expect: success(),
    then: [
      again({
        result: "client-refuses",
        clientError:
          "needs options.client.session with a session that allows it",
      }, early),
    ],
  },
  {
    name: "early data isn't sent without a session",
    server: EAGER,
    expect: success(),
    then: [
      again({
        result: "client-refuses",
        clientError: "options.client.earlyData",
      }, {
        ...early,
        session: "none",
      }),
    ],
  },
  {
    name: "more early data than the session allows isn't sent",
    server: { ...EAGER, maxEarlyData: 8 },
    expect: success(),
    then: [
      again({
        result: "client-refuses",
        clientError: "at most 8 bytes, received 11",
      }, early),
    ],
  },
  {
    name: "a TLS 1.2 session doesn't allow early data",
    server: EAGER,
    client: only("TLSv1.2"),
    expect: success({ protocol: "TLSv1.2" }),
    then: [
      again({
        result: "client-refuses",
        clientError: "options.client.earlyData",
      }, {
        ...early,
      }),
    ],
  },
  {
    name: "early data and a client's certificate: its session knows who it is",
    server: { ...EAGER, clientAuth: "require" },
    client: { certificate: "client" },
    expect: success({ clientCertificate: "CN=client,O=Test" }),
    then: [
      again(
        resumed("store", {
          earlyData: "accepted",
          clientCertificate: "CN=client,O=Test",
        }),
        early,
      ),
    ],
  },
  {
    name: "early data passes a network that is slow and gives a byte at a time",
    server: EAGER,
    expect: success(),
    then: [
      again({ ...accepted, elapsed: 8 * 20 }, {
        ...early,
        network: { delay: 20, fragment: 1 },
      }),
    ],
  },
  {
    name: "early data is accepted an hour later",
    server: EAGER,
    expect: success(),
    then: [{ advance: 3600 }, again(accepted, early)],
  },
  {
    name:
      "early data is accepted that was on its way for less than ten seconds",
    server: EAGER,
    expect: success(),
    then: [again({ ...accepted, elapsed: 8 * 9000 }, {
      ...early,
      network: { delay: 9000 },
    })],
  },
  {
    name:
      "early data is rejected that was on its way for more than ten seconds",
    server: EAGER,
    expect: success(),
    then: [
      again(resumed("store", declined), {
        ...early,
        network: { delay: 11_000 },
      }),
    ],
  },
];
