/**
 * Servers' policies as plain data, and a model of which sessions may pass between them: by
 * what the RFCs and the options' documentation say, and by none of the code under test.
 *
 * @module
 */
import type { SessionStore, TlsContextOptions, TlsVersion } from "@sesame/tls";
import type { TlsSandbox } from "@sesame/tls/testing";

/** What a server's policy is made of. */
export interface Policy {
  readonly host: "a.test" | "b.test";
  readonly clientAuth: "none" | "request" | "require";
  /** Whose clients are trusted: the client's authority is `"ours"`. */
  readonly authorities: readonly ("ours" | "another")[];
  readonly level: 2 | 3;
  readonly signatures: string;
  readonly versions: readonly TlsVersion[];
  /** Cipher suites of TLS 1.2 and of TLS 1.3. */
  readonly ciphers: readonly string[];
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  readonly extendedMasterSecret: boolean;
  readonly alpn: readonly string[];
  readonly tickets: "store" | "stateless" | "off";
  readonly singleUse: boolean;
  readonly maxEarlyData: number;
  readonly sessionIdContext: string | null;
}

/** The ciphers by the names of OpenSSL and of the RFCs. */
const CIPHERS: Readonly<Record<string, string>> = {
  "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-SHA": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
};
const [GCM, CBC] = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"];
const [AES, CHACHA] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** A policy that has a bit of everything. */
export const BASE: Policy = {
  host: "a.test",
  clientAuth: "request",
  authorities: ["ours"],
  level: 2,
  signatures: "ECDSA+SHA256:ECDSA+SHA384",
  versions: ["TLSv1.2", "TLSv1.3"],
  ciphers: [GCM, CBC],
  suites: [AES, CHACHA],
  groups: ["x25519", "secp256r1"],
  extendedMasterSecret: true,
  alpn: [],
  tickets: "store",
  singleUse: false,
  maxEarlyData: 0,
  sessionIdContext: null,
};

/** What policies may differ in. */
export const CHANGES: readonly Partial<Policy>[] = [
  {},
  { host: "b.test" },
  { clientAuth: "none" },
  { clientAuth: "require" },
  { authorities: ["ours", "another"] },
  { authorities: ["another"], clientAuth: "require" },
  { level: 3 },
  { signatures: "ECDSA+SHA256" },
  { versions: ["TLSv1.2"] },
  { versions: ["TLSv1.3"] },
  { ciphers: [GCM] },
  { ciphers: [CBC] },
  { suites: [CHACHA, AES] },
  { suites: [CHACHA] },
  { groups: ["secp256r1", "x25519"] },
  { groups: ["secp256r1"] },
  { extendedMasterSecret: false },
  { alpn: ["two", "one"] },
  { alpn: ["one"] },
  { tickets: "stateless" },
  { tickets: "stateless", suites: [CHACHA] },
  { tickets: "stateless", ciphers: [CBC] },
  { tickets: "stateless", groups: ["secp256r1"] },
  { tickets: "off" },
  { singleUse: true },
  { singleUse: true, maxEarlyData: 100 },
  { sessionIdContext: "one" },
  { sessionIdContext: "one", host: "b.test" },
  { sessionIdContext: "two" },
];

/** What a session was negotiated by, as its client knows. */
export interface Negotiated {
  readonly protocol: string;
  readonly cipher: string;
  readonly group: string | null;
  readonly alpn: string | null;
  readonly maxEarlyData: number;
}

/** What the client offers: everything, of the versions up to one of them. */
export interface Offer {
  readonly version: TlsVersion;
  /** The groups for which it sends a key, and those that it can do. */
  readonly groups: readonly string[];
  readonly suites: readonly string[];
  readonly alpn: readonly string[];
}

/** The offer of the matrix's client; `"secp521r1"` first if there is to be a retry. */
export function offerOf(version: TlsVersion, isRetried: boolean): Offer {
  return {
    version,
    groups: [...(isRetried ? ["secp521r1"] : []), ...BASE.groups],
    suites: BASE.suites,
    alpn: ["one", "two"],
  };
}

/** The version on which a policy and the client agree; `undefined` if on none. */
function agreed(policy: Policy, offer: Offer): TlsVersion | undefined {
  return policy.versions.filter((version) => version <= offer.version).at(-1);
}

/** Whether a server of the policy completes a full handshake with the client. */
export function accepts(policy: Policy, offer: Offer): boolean {
  const knowsClient = policy.clientAuth === "none" ||
    policy.authorities.includes("ours");
  return agreed(policy, offer) !== undefined && knowsClient;
}

/** Whether a server of policy `to` may resume a session of a server of policy `from`. */
export function mayResume(
  from: Policy,
  to: Policy,
  session: Negotiated,
  offer: Offer,
): boolean {
  const isTls13 = session.protocol === "TLSv1.3";
  const verifies = from.clientAuth !== "none";
  const ciphers = isTls13
    ? to.suites
    : to.ciphers.map((cipher) => CIPHERS[cipher]);
  return agreed(to, offer) === session.protocol &&
    ciphers.includes(session.cipher) &&
    to.groups.some((group) => same(group, session.group)) &&
    (isTls13 || from.extendedMasterSecret === to.extendedMasterSecret) &&
    from.tickets === to.tickets && to.tickets !== "off" &&
    from.level === to.level &&
    from.clientAuth === to.clientAuth &&
    (!verifies || from.authorities.join() === to.authorities.join()) &&
    (!verifies || from.signatures === to.signatures) &&
    from.sessionIdContext === to.sessionIdContext &&
    (to.sessionIdContext !== null || from.host === to.host);
}

/** Whether early data comes in with a session that is resumed (RFC 8446, 4.2.10). */
export function letsEarlyDataIn(
  to: Policy,
  session: Negotiated,
  offer: Offer,
): boolean {
  const [first] = offer.groups;
  const alpn = to.alpn.find((name) => offer.alpn.includes(name)) ?? null;
  return session.maxEarlyData > 0 && to.maxEarlyData > 0 &&
    to.suites.find((suite) => offer.suites.includes(suite)) ===
      session.cipher &&
    to.groups.some((group) => group === first) && alpn === session.alpn;
}

function same(group: string, name: string | null): boolean {
  return group === name?.toLowerCase() ||
    (group === "secp256r1" && name === "prime256v1");
}

/** The options of a server of the policy. */
export function optionsOf(
  policy: Policy,
  sandbox: TlsSandbox,
  sessions: SessionStore,
): TlsContextOptions {
  const { pki } = sandbox;
  const [minVersion = "TLSv1.2"] = policy.versions;
  return {
    ...hosts(sandbox),
    openssl: sandbox.server,
    clientAuth: policy.clientAuth,
    caCerts: policy.authorities.map((name) =>
      name === "ours" ? pki.ca.cert : pki.otherCa.cert
    ),
    minVersion,
    maxVersion: policy.versions.at(-1) ?? minVersion,
    alpnProtocols: [...policy.alpn],
    configure: [
      ["CipherString", `${policy.ciphers.join(":")}:@SECLEVEL=${policy.level}`],
      ["Ciphersuites", policy.suites.join(":")],
      ["Groups", policy.groups.join(":")],
      ["ClientSignatureAlgorithms", policy.signatures],
      ["Options", "ClientRenegotiation"],
      ...(policy.extendedMasterSecret
        ? []
        : [["Options", "-ExtendedMasterSecret"] as const]),
    ],
    ...(policy.sessionIdContext !== null && {
      sessionIdContext: policy.sessionIdContext,
    }),
    ...(policy.tickets === "store"
      ? {
        sessions,
        singleUse: policy.singleUse,
        maxEarlyData: policy.maxEarlyData,
        lookupTimeout: 10_000,
        writeTimeout: 10_000,
      }
      : { tickets: policy.tickets }),
    ...(policy.tickets === "stateless" && {
      ticketKeys: [new Uint8Array(80).fill(1)],
    }),
  };
}

/** One certificate for all hosts: nothing but the policy tells them apart. */
function hosts(sandbox: TlsSandbox): Pick<TlsContextOptions, "cert" | "key"> {
  const known = certificates.get(sandbox) ??
    sandbox.pki.issue({ hosts: ["a.test", "b.test"] });
  certificates.set(sandbox, known);
  return { cert: known.cert, key: known.key };
}

const certificates = new WeakMap<
  TlsSandbox,
  ReturnType<TlsSandbox["pki"]["issue"]>
>();
