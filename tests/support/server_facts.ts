/**
 * What clients of all sorts see of a server, as plain data: two servers that are configured
 * alike give the same facts.
 *
 * @module
 */
import type {
  TlsContext,
  TlsContextOptions,
  TlsSession,
  TlsVersion,
} from "@sesame/tls";
import type { TestCertificate } from "@sesame/tls/testing";
import { settle, type Site } from "./site.ts";

/** A client that is sensitive to something. */
interface Probe {
  readonly version?: TlsVersion;
  readonly client?: TlsContextOptions;
  readonly isAnonymous?: boolean;
  /** Whether it comes again, with its session and early data. */
  readonly comesAgain?: boolean;
}

const probe = (
  command: string,
  value: string,
  version: TlsVersion = "TLSv1.3",
): Probe => ({ version, client: { configure: [[command, value]] } });

const PROBES: Readonly<Record<string, Probe>> = {
  "TLS 1.3": { comesAgain: true },
  "TLS 1.2": { version: "TLSv1.2", comesAgain: true },
  "anonymous": { isAnonymous: true },
  "AES-128 first": probe(
    "Ciphersuites",
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
  ),
  "P-384": probe("Groups", "P-384"),
  "CBC": probe("CipherString", "ECDHE-ECDSA-AES128-SHA", "TLSv1.2"),
  "ECDSA with SHA-384": probe(
    "SignatureAlgorithms",
    "ECDSA+SHA384",
    "TLSv1.2",
  ),
  "no extended master secret": {
    ...probe("Options", "-ExtendedMasterSecret", "TLSv1.2"),
    comesAgain: true,
  },
};

/** What the clients see. */
export async function factsOf(
  site: Site,
  server: TlsContext,
  person: TestCertificate,
  client: TlsContextOptions,
): Promise<Record<string, unknown>> {
  const facts: Record<string, unknown> = {};
  for (
    const [name, { comesAgain = false, ...probe }] of Object.entries(PROBES)
  ) {
    const visit = {
      ...probe,
      client: {
        ...client,
        ...(probe.isAnonymous ? {} : person),
        configure: [
          ...client.configure ?? [],
          ...probe.client?.configure ?? [],
        ],
      },
    };
    const [first, session] = await visited(site, server, visit);
    facts[name] = first;
    if (!comesAgain || session === null) continue;
    const [again] = await visited(site, server, { ...visit, session });
    facts[`${name}, again`] = again;
  }
  return facts;
}

async function visited(
  site: Site,
  server: TlsContext,
  visit: Probe & { session?: TlsSession },
): Promise<[unknown, TlsSession | null]> {
  const { session } = visit;
  const early = new Uint8Array(Math.min(session?.maxEarlyData ?? 0, 10));
  using ends = site.ends(server, {
    ...visit,
    ...(early.length > 0 && { earlyData: early }),
  });
  const bytes: number[] = [];
  try {
    await settle(ends);
    ends.server.write(new Uint8Array(3));
    const sent = ends.server.send();
    bytes.push(sent.length);
    ends.client.receive(sent);
  } catch {
    // What ended it is in the engines.
  }
  const { client, server: end } = ends;
  const { info } = client;
  const newest = client.session;
  return [{
    failed: end.error?.reason ?? client.error?.reason ?? null,
    alert: end.error?.alert ?? client.error?.alert ?? null,
    negotiated: info && {
      protocol: info.protocol,
      cipher: info.cipher,
      group: info.group,
      alpn: info.alpnProtocol,
      server: info.peerCertificate?.subject ?? null,
      earlyData: info.earlyData,
    },
    client: end.info?.peerCertificate?.subject ?? null,
    resumption: end.resumption,
    early: end.readEarlyData().length,
    record: bytes,
    sessions: client.takeSessions().map(({ expiresAt, maxEarlyData }) => [
      expiresAt.getTime() - site.time,
      maxEarlyData,
    ]),
  }, newest];
}
