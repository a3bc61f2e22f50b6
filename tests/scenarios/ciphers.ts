/** Cipher suites and groups that peers agree on. */
import type { Scenario, ScenarioPeer } from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

const CHACHA20 = "TLS_CHACHA20_POLY1305_SHA256";
const AES128 = "TLS_AES_128_GCM_SHA256";
const AES256 = "TLS_AES_256_GCM_SHA384";

/** TLS 1.2 suites, by OpenSSL's names and the RFCs'. */
const SUITES = [
  [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  ],
  [
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  ],
  [
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  ],
  [
    "ECDHE-ECDSA-AES128-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  ],
] as const;

function suites13(...names: string[]): ScenarioPeer {
  return { configure: [["Ciphersuites", names.join(":")]] };
}

function suites12(...names: string[]): ScenarioPeer {
  return { configure: [["CipherString", names.join(":")]] };
}

/** What a peer prefers to this one. */
function others(all: readonly string[], one: string): string[] {
  return all.filter((name) => name !== one);
}

function groups(...names: string[]): ScenarioPeer {
  return { configure: [["Groups", names.join(":")]] };
}

const TLS12 = only("TLSv1.2");

export const CIPHERS: readonly Scenario[] = [
  ...[CHACHA20, AES128, AES256].map((cipher): Scenario => ({
    name: `TLSv1.3: a client of ${cipher} only`,
    client: suites13(cipher),
    // The server prefers the others.
    server: suites13(...others([CHACHA20, AES128, AES256], cipher), cipher),
    expect: success({ cipher, protocol: "TLSv1.3" }),
    then: [again(resumed("ticket", { cipher }))],
  })),
  ...SUITES.map(([name, cipher]): Scenario => ({
    name: `TLSv1.2: a client of ${name} only`,
    client: { ...TLS12, ...suites12(name) },
    server: suites12(...others(SUITES.map(([name]) => name), name), name),
    expect: success({ cipher, protocol: "TLSv1.2" }),
    then: [again(resumed("ticket", { cipher }))],
  })),
  {
    name: "TLSv1.3: the server's preference counts",
    client: suites13(AES256, AES128, CHACHA20),
    server: suites13(AES128, AES256),
    expect: success({ cipher: AES128 }),
  },
  {
    name: "TLSv1.2: the server's preference counts",
    client: {
      ...TLS12,
      ...suites12(
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
      ),
    },
    server: suites12(
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-ECDSA-AES256-GCM-SHA384",
    ),
    expect: success({ cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" }),
  },
  {
    name: "TLSv1.3: without a suite in common there is no connection",
    client: suites13(AES128),
    server: { ...only("TLSv1.3"), ...suites13(AES256) },
    expect: refused("server", "handshake_failure", {
      serverError: "no shared cipher",
    }),
  },
  {
    name: "TLSv1.2: without a suite in common there is no connection",
    client: { ...TLS12, ...suites12("ECDHE-ECDSA-AES128-GCM-SHA256") },
    server: suites12("ECDHE-ECDSA-AES256-GCM-SHA384"),
    expect: refused("server", "handshake_failure", {
      serverError: "no shared cipher",
    }),
  },
  {
    name: "TLSv1.2: a suite that isn't one of the usual has to be listed",
    client: { ...TLS12, ...suites12("ECDHE-ECDSA-AES128-CCM") },
    expect: refused("server", "handshake_failure", {
      serverError: "no shared cipher",
    }),
    then: [
      again(success({ cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM" }), {
        server: suites12("ECDHE-ECDSA-AES128-CCM"),
      }),
    ],
  },
  {
    name: "TLSv1.2: a suite that needs an RSA key is none for a server without",
    client: { ...TLS12, ...suites12("ECDHE-RSA-AES128-GCM-SHA256") },
    expect: refused("server", "handshake_failure", {
      serverError: "no shared cipher",
    }),
  },
  ...forVersions((version) => [
    {
      name: "a client that takes no signature of the server's key is refused",
      client: {
        ...only(version),
        configure: [["SignatureAlgorithms", "RSA-PSS+SHA256"]],
      },
      expect: refused("server", "handshake_failure"),
    },
  ]),
];

export const CIPHERS_OF_SESSIONS: readonly Scenario[] = [
  {
    name: "TLSv1.3: a session is resumed with another suite of the same hash",
    server: { store: "memory", ...suites13(CHACHA20) },
    expect: success({ cipher: CHACHA20 }),
    then: [
      again(resumed("store", { cipher: AES128 }), {
        server: suites13(AES128, CHACHA20),
      }),
    ],
  },
  {
    name: "TLSv1.3: a session isn't resumed where the server lost its suite",
    server: { store: "memory", ...suites13(CHACHA20) },
    expect: success({ cipher: CHACHA20 }),
    then: [
      again(full("cipher-mismatch", { cipher: AES128 }), {
        server: suites13(AES128),
      }),
    ],
  },
  {
    name: "TLSv1.3: a session isn't resumed with a suite of another hash",
    server: { store: "memory", ...suites13(CHACHA20) },
    expect: success({ cipher: CHACHA20 }),
    then: [
      again(full("cipher-mismatch", { cipher: AES256 }), {
        server: suites13(AES256),
      }),
      again(resumed("store", { cipher: CHACHA20 }), {
        server: "first",
        session: "first",
      }),
    ],
  },
  {
    name: "TLSv1.3: a ticket isn't resumed with a suite of another hash",
    server: { ticketKeys: ["fleet"], ...suites13(AES256) },
    expect: success({ cipher: AES256 }),
    then: [
      again(full("ticket-rejected", { cipher: AES128 }), {
        server: suites13(AES128),
      }),
    ],
  },
  {
    name:
      "TLSv1.3: a client that lost the suites of the session's hash proposes it in vain",
    server: { store: "memory" },
    client: suites13(AES256),
    expect: success({ cipher: AES256 }),
    then: [
      again(full("cipher-mismatch", { cipher: AES128, lookups: 1 }), {
        client: suites13(AES128),
      }),
    ],
  },
  {
    name:
      "TLSv1.2: a session isn't resumed where the server has another suite now",
    server: {
      store: "memory",
      ...suites12("ECDHE-ECDSA-AES128-GCM-SHA256"),
    },
    client: TLS12,
    expect: success({ cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" }),
    then: [
      again(
        full("cipher-mismatch", {
          cipher: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        }),
        { server: suites12("ECDHE-ECDSA-AES256-GCM-SHA384") },
      ),
    ],
  },
];

/** Groups that TLS 1.3 clients may name, and what they are called when agreed on. */
const GROUPS = [
  ["X25519MLKEM768", "X25519MLKEM768"],
  ["X25519", "x25519"],
  ["P-256", "secp256r1"],
  ["P-384", "secp384r1"],
  ["P-521", "secp521r1"],
  ["ffdhe2048", "ffdhe2048"],
] as const;

export const KEY_EXCHANGES: readonly Scenario[] = [
  ...GROUPS.map(([name, group]): Scenario => ({
    name: `TLSv1.3: a client of the group ${name} only`,
    client: groups(name),
    server: groups(...others(GROUPS.map(([name]) => name), name), name),
    expect: success({ group, helloRetry: false }),
  })),
  ...GROUPS.filter(([name]) => name.startsWith("P") || name === "X25519")
    .map(([name, group]): Scenario => ({
      name: `TLSv1.2: a client of the group ${name} only`,
      client: { ...TLS12, ...groups(name) },
      server: {
        certificate: { keyType: "Ed25519" },
        ...groups(...others(GROUPS.map(([name]) => name), name), name),
      },
      expect: success({ group, helloRetry: false }),
    })),
  {
    name: "TLSv1.2: a client without the group of the server's key is refused",
    client: { ...TLS12, ...groups("X25519") },
    expect: refused("server", "handshake_failure", {
      serverError: "no shared cipher",
    }),
  },
  {
    name:
      "TLSv1.3: a client without the group of the server's key doesn't mind",
    client: groups("X25519"),
    expect: success({ group: "x25519" }),
  },
  {
    name: "TLSv1.3: a server of another group asks for it",
    client: groups("X25519", "P-384"),
    server: groups("P-384"),
    expect: success({ group: "secp384r1", helloRetry: true }),
  },
  {
    name:
      "TLSv1.3: a HelloRetryRequest doesn't keep a session from being resumed",
    client: groups("X25519", "P-384"),
    server: { ...groups("P-384"), store: "memory" },
    expect: success({ helloRetry: true }),
    then: [again(resumed("store", { helloRetry: true, lookups: 1 }))],
  },
  {
    name:
      "TLSv1.3: a HelloRetryRequest doesn't keep a ticket from being resumed",
    client: groups("X25519", "P-384"),
    server: groups("P-384"),
    expect: success({ helloRetry: true }),
    then: [again(resumed("ticket", { helloRetry: true }))],
  },
  {
    name: "TLSv1.3: with singleUse a session is taken once for both hellos",
    client: groups("X25519", "P-384"),
    server: { ...groups("P-384"), store: "memory", singleUse: true },
    expect: success({ helloRetry: true }),
    then: [
      again(resumed("store", { helloRetry: true, lookups: 1 }), {
        session: "first",
      }),
      again(full("unknown-id", { helloRetry: true }), { session: "first" }),
    ],
  },
  {
    name:
      "TLSv1.3: a client certificate is asked for after a HelloRetryRequest",
    client: { ...groups("X25519", "P-384"), certificate: "client" },
    server: { ...groups("P-384"), clientAuth: "require" },
    expect: success({
      helloRetry: true,
      clientCertificate: "CN=client,O=Test",
    }),
  },
  {
    name: "TLSv1.3: without a group in common there is no connection",
    client: groups("X25519"),
    server: { ...only("TLSv1.3"), ...groups("P-384") },
    expect: refused("server", "handshake_failure", { helloRetry: false }),
  },
  {
    name: "TLSv1.2: without a group in common there is no connection",
    client: { ...TLS12, ...groups("X25519") },
    server: groups("P-384"),
    expect: refused("server", "handshake_failure"),
  },
  {
    name: "TLSv1.3: a session is resumed over another group",
    server: { store: "memory" },
    expect: success({ group: "X25519MLKEM768" }),
    then: [
      again(resumed("store", { group: "secp256r1" }), {
        client: groups("P-256"),
      }),
    ],
  },
];
