/** Clients with certificates, without, and with bad ones. */
import type {
  Scenario,
  ScenarioCertificate,
  ScenarioExpectation,
} from "../../src/testing/scenario.ts";
import {
  again,
  forVersions,
  full,
  only,
  refused,
  resumed,
  success,
} from "./expectations.ts";

const DAY = 86_400;

/** What clients show, and the alert for it where anyone looks. */
const CREDENTIALS: readonly {
  readonly what: string;
  readonly certificate?: ScenarioCertificate;
  readonly alert?: string;
  readonly reason?: string;
}[] = [
  { what: "no certificate" },
  { what: "a good certificate", certificate: "client" },
  {
    what: "an expired certificate",
    certificate: { usage: "client", validFrom: -9 * DAY, validUntil: -DAY },
    alert: "certificate_expired",
    reason: "certificate has expired",
  },
  {
    what: "a certificate that isn't valid yet",
    certificate: { usage: "client", validFrom: DAY },
    alert: "bad_certificate",
    reason: "certificate is not yet valid",
  },
  {
    what: "a certificate of an untrusted authority",
    certificate: { usage: "client", issuer: "otherCa" },
    alert: "unknown_ca",
    reason: "unable to get local issuer certificate",
  },
  {
    what: "a certificate that it signed itself",
    certificate: { usage: "client", issuer: "self" },
    alert: "unknown_ca",
    reason: "self-signed certificate",
  },
  {
    what: "a certificate for servers only",
    certificate: "server",
    alert: "unsupported_certificate",
    reason: "unsuitable certificate purpose",
  },
];

const SUBJECT = "CN=client,O=Test";

export const CLIENT_CREDENTIALS: readonly Scenario[] = forVersions(
  (version, isTls13) =>
    CREDENTIALS.flatMap(({ what, certificate, alert, reason }) =>
      (["request", "require"] as const).map((clientAuth): Scenario => {
        const outcome = (): ScenarioExpectation => {
          const asked = { certificateRequest: true };
          if (certificate === undefined) {
            return clientAuth === "request"
              ? success({ ...asked, clientCertificate: null })
              : refused(
                "server",
                isTls13 ? "certificate_required" : "handshake_failure",
                { ...asked, serverError: "peer did not return a certificate" },
              );
          }
          return alert === undefined
            ? success({ ...asked, clientCertificate: SUBJECT })
            : refused("server", alert, {
              ...asked,
              serverError: `Cannot trust the peer's certificate: ${reason}`,
            });
        };
        return {
          name: `clientAuth ${clientAuth}, a client with ${what}`,
          client: { ...only(version), ...(certificate && { certificate }) },
          server: { clientAuth },
          expect: outcome(),
        };
      })
    ),
);

export const CLIENTS_NOT_ASKED: readonly Scenario[] = forVersions((version) => [
  {
    name: "clientAuth none: a client isn't asked for its expired certificate",
    client: {
      ...only(version),
      certificate: { usage: "client", validFrom: -9 * DAY, validUntil: -DAY },
    },
    server: { clientAuth: "none" },
    expect: success({ certificateRequest: false, clientCertificate: null }),
    then: [
      again(refused("server", "certificate_expired"), {
        server: { clientAuth: "require" },
        session: "none",
      }),
    ],
  },
]);

/** Where sessions are kept, which decides what a server says of one it can't use. */
const KEPT = [
  { how: "store", kept: { store: "memory" }, from: "store" },
  { how: "tickets", kept: { ticketKeys: ["fleet"] }, from: "ticket" },
] as const;

export const CLIENT_SESSIONS: readonly Scenario[] = forVersions((version) =>
  KEPT.flatMap(({ how, kept, from }): Scenario[] => {
    const good = { ...only(version), certificate: "client" } as const;
    const nobody = only(version);
    const known = { clientCertificate: SUBJECT };
    const mismatch = from === "store" ? "context-mismatch" : "ticket-rejected";
    return [
      {
        name: `who resumes is still known (${how})`,
        client: good,
        server: { clientAuth: "require", ...kept },
        expect: success({ ...known, certificateRequest: true }),
        then: [
          again(resumed(from, { ...known, certificateRequest: false })),
          again(resumed(from, known), { server: {} }),
        ],
      },
      {
        name:
          `who resumes is who made the session, whatever its certificate is now (${how})`,
        client: good,
        server: { clientAuth: "require", ...kept },
        expect: success(known),
        then: [again(resumed(from, known), { client: somebodyElse(version) })],
      },
      {
        name:
          `an anonymous session doesn't do where a certificate is required (${how})`,
        client: nobody,
        server: { clientAuth: "none", ...kept },
        expect: success({ clientCertificate: null }),
        then: [
          again(
            refused(
              "server",
              version === "TLSv1.3"
                ? "certificate_required"
                : "handshake_failure",
            ),
            { server: { clientAuth: "require" } },
          ),
          again(full(mismatch, known), {
            client: { certificate: "client" },
            session: "first",
          }),
        ],
      },
      {
        name: `an anonymous session isn't one of a server that asks (${how})`,
        client: nobody,
        server: { clientAuth: "request", ...kept },
        expect: success({ clientCertificate: null, certificateRequest: true }),
        then: [
          again(resumed(from, { clientCertificate: null })),
          again(full(mismatch, { clientCertificate: null }), {
            server: { clientAuth: "none" },
            session: "first",
          }),
        ],
      },
      {
        name: `a session by a server that trusts others isn't resumed (${how})`,
        client: good,
        server: { clientAuth: "request", ...kept },
        expect: success(known),
        then: [
          again(
            refused("server", "unknown_ca"),
            { server: { trust: ["otherCa"] } },
          ),
          again(resumed(from, known), { server: "first", session: "first" }),
        ],
      },
      {
        name: `a session ends with the certificate that it began with (${how})`,
        client: {
          ...only(version),
          certificate: { usage: "client", validUntil: 600 },
        },
        server: { clientAuth: "require", ...kept },
        expect: success({ clientCertificate: "CN=client" }),
        then: [
          { advance: 599 },
          again(resumed(from, { clientCertificate: "CN=client" })),
          { advance: 2 },
          again(refused("server", "certificate_expired")),
        ],
      },
    ];
  })
);

function somebodyElse(
  version: Parameters<typeof only>[0],
): {
  maxVersion: Parameters<typeof only>[0];
  certificate: ScenarioCertificate;
} {
  // Another certificate than the session's: it isn't asked for.
  return {
    maxVersion: version,
    certificate: { usage: "client", commonName: "somebody else" },
  };
}
