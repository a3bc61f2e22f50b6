import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, type TlsContextOptions } from "@sesame/tls";
import { createTestCertificate, createTestPki } from "@sesame/tls/testing";
import { turn } from "../../support/probed_store.ts";
import { factsOf } from "../../support/server_facts.ts";
import { SANITIZED, Site } from "../../support/site.ts";

const site1 = createTestCertificate({ hosts: ["localhost"] });
const pki = createTestPki({ seed: "chosen" });
const person = pki.client;
const other = createTestCertificate({ hosts: ["localhost"] });
const stranger = createTestCertificate({ hosts: ["stranger"] });

const CLIENT: TlsContextOptions = {
  caCerts: [site1.cert, other.cert],
  alpnProtocols: ["b/1", "a/1"],
  configure: [["Groups", "X25519:P-256:P-384"]],
};

/** What differs from the default in each option; or why nobody can see a difference. */
type Differences = Readonly<
  Record<
    keyof TlsContextOptions,
    string | readonly ((site: Site) => TlsContextOptions)[]
  >
>;

const configured =
  (...commands: [string, string][]) => (): TlsContextOptions => ({
    configure: commands,
  });

const DIFFERENCES: Differences = {
  allowCommonName: "for clients",
  allowPartialChain: [() => ({
    clientAuth: "request",
    caCerts: [pki.intermediate.cert],
    allowPartialChain: true,
  })],
  alpnProtocols: [() => ({ alpnProtocols: ["a/1"] })],
  caCerts: [() => ({ clientAuth: "request", caCerts: [stranger.cert] })],
  cert: [() => other],
  certificates: [() => ({ certificates: [other] })],
  clientAuth: [
    () => ({ clientAuth: "request", caCerts: [pki.ca.cert] }),
    () => ({ clientAuth: "require", caCerts: [pki.ca.cert] }),
  ],
  commit:
    "when bytes are sent, not which: tests/tls/sessions/commit_barrier_test.ts",
  configure: [
    configured(["Protocol", "-TLSv1.2"]),
    configured(["Protocol", "-TLSv1.3"]),
    configured(["MinProtocol", "TLSv1.3"]),
    configured(["MaxProtocol", "TLSv1.2"]),
    configured(["Groups", "P-384"]),
    configured(["Groups", "P-384/X25519"]),
    configured(["CipherString", "ECDHE-ECDSA-AES128-SHA"]),
    configured(["CipherString", "DEFAULT@SECLEVEL=4"]),
    configured(["Ciphersuites", "TLS_AES_128_GCM_SHA256"]),
    configured(["SignatureAlgorithms", "ECDSA+SHA256"]),
    configured(["Options", "-ServerPreference"]),
    configured(["Options", "-SessionTicket"]),
    configured(["NumTickets", "3"]),
    configured(["RecordPadding", "512"]),
  ],
  contextFor: "the chosen context's is not asked",
  crl: "in the store of trust, as caCerts",
  dhparam: "with the certificates; needs an RSA key, which takes long",
  key: "comes with cert",
  keyLog: "seen below",
  lookupTimeout: "goes with sessions",
  maxEarlyData: [({ store }) => ({
    sessions: store,
    singleUse: true,
    maxEarlyData: 100,
  })],
  maxCertList: [() => ({
    clientAuth: "request",
    caCerts: [pki.ca.cert],
    maxCertList: 500,
  })],
  maxSessionAge: [() => ({ maxSessionAge: 60 })],
  maxLookupsPerHello: "goes with sessions",
  maxVersion: [() => ({ maxVersion: "TLSv1.2" })],
  minVersion: [() => ({ minVersion: "TLSv1.3" })],
  onStoreError: "goes with sessions",
  openssl: "a context of another instance is refused",
  postHandshakeAuth:
    "asked for by requestCertificate(): tests/tls/engine/post_handshake_auth_test.ts",
  passphrase: "comes with cert",
  pfx: "comes as cert",
  sendCaNames: "in the context's names of authorities, which nobody is shown",
  revalidate: "seen in tests/tls/sessions/revalidate_test.ts",
  sessionIdContext:
    "seen in which sessions resume: tests/tls/sessions/policy_matrix_test.ts",
  sessionIdKey:
    "goes with sessions: tests/tls/sessions/chosen_sessions_test.ts",
  sessions: [({ store }) => ({ sessions: store })],
  sessionTimeout: [() => ({ sessionTimeout: 60 })],
  singleUse: [({ store }) => ({ sessions: store, singleUse: true })],
  tag: "goes with sessions: tests/tls/sessions/chosen_sessions_test.ts",
  ticketKeys: "seen below",
  tickets: [() => ({ tickets: "off" })],
  uncleanClose: "goes with sessions",
  writeTimeout: "goes with sessions",
};

describe("A chosen context counts wholly", SANITIZED, () => {
  const site = new Site();
  const facts = (context: TlsContext): Promise<unknown> =>
    factsOf(site, context, person, CLIENT);
  const plain = (): TlsContext => site.context(site1);
  const contextOf = (options: TlsContextOptions): TlsContext =>
    new TlsContext({ openssl: site.openssl, ...options });
  let factsOfPlain: Promise<unknown> | undefined;

  for (const [option, differences] of Object.entries(DIFFERENCES)) {
    if (typeof differences === "string") continue;
    differences.forEach((difference, i) => {
      const changed = difference(site);
      const options: TlsContextOptions = {
        ...(changed.certificates ? {} : site1),
        lookupTimeout: 10_000,
        writeTimeout: 10_000,
        ...changed,
      };
      const name = JSON.stringify(options.configure) ?? i + 1;
      it(`${option}: ${name}`, async () => {
        const ofPlain = await (factsOfPlain ??= facts(plain()));
        const ofDifferent = await facts(contextOf(options));
        assertNotEquals(ofDifferent, ofPlain, "the probes see no difference");
        const chosen = contextOf(options);
        assertEquals(
          await facts(site.context({ ...site1, contextFor: () => chosen })),
          ofDifferent,
          "chosen at once",
        );
        // Whose sessions live where is the initial context's to say.
        const { sessions: _, singleUse: __, maxEarlyData: ___, ...others } =
          options;
        const initial = option === "tickets" ? site1 : others;
        const later = plain();
        assertEquals(
          await facts(contextOf({
            ...initial,
            contextFor: () => turn().then(() => later),
          })),
          ofPlain,
          "the default, chosen later",
        );
      });
    });
  }

  it("ticketKeys: tickets are made and read by those of the context that serves", async () => {
    using site = new Site();
    const keys = (byte: number): TlsContextOptions => ({
      ...site1,
      ticketKeys: [new Uint8Array(80).fill(byte)],
    });
    const one = site.context(keys(1));
    const two = site.context(keys(2));
    for (const initial of [{}, keys(3)]) {
      const server = site.context({
        ...site1,
        ...initial,
        contextFor: () => one,
      });
      for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        const visit = { version, client: CLIENT };
        const session = await site.session(server, visit);
        const outcomes = [];
        for (const context of [one, two]) {
          outcomes.push(await site.resume(context, { ...visit, session }));
        }
        assertEquals(outcomes, [
          { resumed: true, from: "ticket" },
          { resumed: false, reason: "ticket-rejected" },
        ]);
      }
    }
  });

  it("keyLog: the lines are told to the context that serves", async () => {
    using site = new Site();
    const lines: string[] = [];
    const chosen = site.context({
      ...site1,
      keyLog: () => lines.push("chosen"),
    });
    const server = site.context({
      ...site1,
      keyLog: () => lines.push("initial"),
      contextFor: () => chosen,
    });
    await site.resume(server, { client: CLIENT });
    assert(lines.length > 0);
    assertEquals(new Set(lines), new Set(["chosen"]));
  });
});
