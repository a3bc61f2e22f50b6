/**
 * Connections between engines, for the checks.
 *
 * @module
 */
import {
  OpenSSL,
  type SessionStore,
  TlsContext,
  TlsEngine,
  type TlsSession,
  type TlsVersion,
} from "../../mod.ts";
import { testCertificate } from "../support/peers.ts";

// Where a client hello has its random bytes (RFC 8446, 4.1.2), in its record.
const RANDOM_START = 11;
const RANDOM_END = 43;

/** Who visits whom, and how. */
export interface VisitOptions {
  /** The instance of both sides. By default the client and the server have one each. */
  openssl?: OpenSSL;
  /** Where the server's sessions live. */
  store?: SessionStore;
  /** The only version that is spoken. */
  version?: TlsVersion;
  /** What the client proposes to resume. */
  session?: TlsSession | undefined;
}

/** A connection that is open. */
export interface Visit {
  /** The client's side. */
  readonly client: TlsEngine;
  /** The server's side. */
  readonly server: TlsEngine;
  /** What they were made from. */
  readonly contexts: TlsContext[];
}

/** A handshake. */
export function visit(options: VisitOptions = {}): Visit {
  const { openssl, store, version, session } = options;
  const { cert, key } = testCertificate("P-256");
  const versions = version && { minVersion: version, maxVersion: version };
  const there = new TlsContext({
    cert,
    key,
    openssl: openssl ?? new OpenSSL(),
    ...(store && { sessions: store }),
    ...versions,
  });
  const here = new TlsContext({
    caCerts: [cert],
    openssl: openssl ?? new OpenSSL(),
    ...versions,
  });
  const server = new TlsEngine(there, { role: "server" });
  const client = new TlsEngine(here, {
    role: "client",
    hostname: "localhost",
    ...(session && { session }),
  });
  while (client.state !== "open" || server.state !== "open") {
    server.receive(client.send());
    client.receive(server.send());
  }
  return { client, server, contexts: [here, there] };
}

/**
 * Has a client resume at one server the session that another gave it, each an
 * instance with a store of its own opening; and not where the store is another.
 */
export function crossInstances(
  version: TlsVersion,
  openStore: () => SessionStore,
): void {
  const first = visit({ version, store: openStore() }).client;
  const session = first.session ?? undefined;
  const second = visit({ version, store: openStore(), session }).client;
  const stranger = visit({ version, session }).client;
  const outcomes = [first, second, stranger].map(({ info }) =>
    `${info?.protocol} ${info?.resumed ? "resumed" : "full"}`
  ).join(", ");
  const expected = `${version} full, ${version} resumed, ${version} full`;
  if (outcomes !== expected) throw new Error(`Handshakes were ${outcomes}`);
}

/** All that one side has to say, as the other reads it. */
export function deliver(from: TlsEngine, to: TlsEngine): Uint8Array {
  to.receive(from.send());
  return to.read();
}

/** The random bytes of a client hello that an instance makes, as text. */
export function clientRandom(openssl: OpenSSL): string {
  const context = new TlsContext({
    caCerts: [testCertificate("P-256").cert],
    openssl,
  });
  const client = new TlsEngine(context, {
    role: "client",
    hostname: "localhost",
  });
  return String(client.send().subarray(RANDOM_START, RANDOM_END));
}
