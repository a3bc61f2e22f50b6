/** Servers' certificates, and what clients say to bad ones. */
import type {
  Scenario,
  ScenarioCertificate,
} from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

const DAY = 86_400;

/** What clients refuse, by which alert, and in what words. */
const BAD: readonly [
  what: string,
  certificate: ScenarioCertificate,
  alert: string,
  reason: string,
][] = [
  ["has expired", "expired", "certificate_expired", "certificate has expired"],
  [
    "isn't valid yet",
    "notYetValid",
    "bad_certificate",
    "certificate is not yet valid",
  ],
  ["is another host's", "wrongHost", "bad_certificate", "hostname mismatch"],
  [
    "is for clients",
    "wrongUsage",
    "unsupported_certificate",
    "unsuitable certificate purpose",
  ],
  [
    "nobody vouches for",
    "untrusted",
    "unknown_ca",
    "unable to get local issuer certificate",
  ],
  [
    "it has signed itself",
    "selfSigned",
    "unknown_ca",
    "self-signed certificate",
  ],
  ["a server has signed", "notCa", "unknown_ca", "invalid CA certificate"],
  [
    "is an IP address's",
    { hosts: ["127.0.0.1"] },
    "bad_certificate",
    "hostname mismatch",
  ],
  [
    "has the name as its common name only",
    { hosts: ["other.test"], commonName: "localhost" },
    "bad_certificate",
    "hostname mismatch",
  ],
  [
    "has a wildcard for what is below",
    { hosts: ["*.localhost"] },
    "bad_certificate",
    "hostname mismatch",
  ],
];

export const BAD_SERVERS: readonly Scenario[] = forVersions((version) =>
  BAD.map(([what, certificate, alert, reason]) => ({
    name: `a server is refused whose certificate ${what}`,
    server: { certificate, store: "memory" },
    client: only(version),
    expect: refused("client", alert, {
      clientError: `Cannot trust the peer's certificate: ${reason}`,
      deletions: 0,
      sessions: 0,
    }),
  }))
);

export const GOOD_SERVERS: readonly Scenario[] = forVersions((version) => {
  const client = only(version);
  return [
    {
      name: "a server with its chain is trusted by its root",
      client,
      expect: success({
        protocol: version,
        serverCertificate: "CN=localhost",
        signature: "ecdsa_secp256r1_sha256",
      }),
    },
    {
      name: "a server that the root has signed itself needs no chain",
      server: { certificate: { issuer: "ca", commonName: "of the root" } },
      client,
      expect: success({ serverCertificate: "CN=of the root" }),
    },
    {
      name: "a server of another root is good for who trusts it",
      server: { certificate: "untrusted" },
      client: { ...client, trust: ["otherCa"] },
      expect: success(),
    },
    {
      name: "a good server is bad for who trusts another root",
      client: { ...client, trust: ["otherCa"] },
      expect: refused("client", "unknown_ca"),
    },
    {
      name: "either root will do for who trusts both",
      server: { certificate: "untrusted" },
      client: { ...client, trust: ["ca", "otherCa"] },
      expect: success(),
      then: [again(success(), { server: { certificate: "server" } })],
    },
    {
      name: "a server that says where to ask for revocations isn't asked about",
      server: { certificate: "unknownRevocation" },
      client,
      expect: success({ protocol: version }),
    },
    {
      name: "a name is the same in capitals",
      server: { certificate: { hosts: ["shop.test"] } },
      client: { ...client, hostname: "Shop.Test" },
      expect: success({ serverName: "shop.test" }),
    },
    {
      name: "a wildcard is for one label",
      server: { certificate: { hosts: ["*.site.test"] } },
      client: { ...client, hostname: "a.site.test" },
      expect: success({ serverName: "a.site.test" }),
      then: [
        again(refused("client", "bad_certificate"), {
          client: { hostname: "b.a.site.test" },
          session: "none",
        }),
      ],
    },
    {
      name: "an IP address is one of the certificate's, or refused",
      server: { certificate: { hosts: ["192.0.2.1", "2001:db8::1"] } },
      client: { ...client, hostname: "192.0.2.1" },
      expect: success({ serverName: null }),
      then: [
        again(success({ serverName: null }), {
          client: { hostname: "2001:db8::1" },
          session: "none",
        }),
        again(
          refused("client", "bad_certificate", {
            clientError: "IP address mismatch",
          }),
          { client: { hostname: "192.0.2.2" }, session: "none" },
        ),
      ],
    },
    {
      name: "a certificate expires while its server runs, and sessions with it",
      server: { certificate: { validUntil: 600 }, store: "memory" },
      client,
      expect: success(),
      then: [
        { advance: 599 },
        again(success({ resumed: false }), { session: "none" }),
        { advance: 2 },
        again(refused("client", "certificate_expired"), { session: "none" }),
        again(refused("client", "certificate_expired"), { session: "first" }),
      ],
    },
    {
      name: "a certificate becomes valid",
      server: { certificate: "notYetValid" },
      client,
      expect: refused("client", "bad_certificate"),
      then: [{ advance: DAY }, again(success())],
    },
    {
      name: "a server is refused, mended, and trusted",
      server: { certificate: "expired" },
      client,
      expect: refused("client", "certificate_expired"),
      then: [
        again(success(), { server: { certificate: "server" } }),
        again(resumed("ticket")),
      ],
    },
    {
      name: "a server whose certificate was replaced resumes",
      server: { store: "memory" },
      client,
      expect: success(),
      then: [
        again(resumed("store"), {
          server: { certificate: { keyType: "Ed25519" } },
        }),
      ],
    },
    {
      name: "a session isn't proposed to a host that its certificate isn't for",
      server: { store: "memory" },
      client,
      expect: success(),
      then: [
        again({
          result: "client-refuses",
          clientError: "another server than other.test",
        }, { client: { hostname: "other.test" } }),
      ],
    },
  ];
});

/** Sorts of keys, and how they are proven. */
export const KEY_TYPES: readonly Scenario[] = forVersions((version, isTls13) =>
  (["Ed25519", "RSA-2048"] as const).map((keyType) => ({
    name: `a server's key is ${keyType}`,
    server: { certificate: { keyType, issuer: "ca" } },
    client: only(version),
    expect: success({
      signature: keyType === "Ed25519" ? "ed25519" : "rsa_pss_rsae_sha256",
      cipher: isTls13
        ? "TLS_CHACHA20_POLY1305_SHA256"
        : `TLS_ECDHE_${
          keyType === "Ed25519" ? "ECDSA" : "RSA"
        }_WITH_CHACHA20_POLY1305_SHA256`,
    }),
  }))
);
