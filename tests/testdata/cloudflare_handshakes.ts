import {
  OpenSSL,
  type Resumption,
  type SessionStore,
  TlsContext,
  TlsEngine,
  type TlsSession,
  type TlsVersion,
} from "../../mod.ts";
import {
  createTestCertificate,
  type TestCertificate,
} from "../../src/testing/certificate.ts";
import type { ResumeReply } from "./cloudflare_commands.ts";

/** A client visits three servers, each an instance with a store of its own. */
export async function resumeElsewhere(
  version: TlsVersion,
  openStore: () => SessionStore,
): Promise<ResumeReply> {
  const certificate = createTestCertificate();
  const first = await visit(version, certificate, openStore());
  const { session } = first;
  const second = await visit(version, certificate, openStore(), session);
  for await (const { id } of openStore().entries?.() ?? []) {
    await openStore().delete(id, "revoked");
  }
  const third = await visit(version, certificate, openStore(), session);
  return {
    first: first.resumption,
    second: second.resumption,
    third: third.resumption,
  };
}

async function visit(
  version: TlsVersion,
  { cert, key }: TestCertificate,
  sessions: SessionStore,
  session?: TlsSession,
): Promise<{ session: TlsSession; resumption: Resumption | null }> {
  const versions = { minVersion: version, maxVersion: version };
  const there = new TlsContext({
    cert,
    key,
    sessions,
    openssl: new OpenSSL(),
    // A busy machine must not look like a slow store.
    lookupTimeout: 60_000,
    writeTimeout: 60_000,
    ...versions,
  });
  const here = new TlsContext({
    caCerts: [cert],
    openssl: new OpenSSL(),
    ...versions,
  });
  const server = new TlsEngine(there, { role: "server" });
  const client = new TlsEngine(here, {
    role: "client",
    hostname: "localhost",
    ...(session && { session }),
  });
  for (let sent = 1; sent > 0 || server.pending;) {
    await server.pending;
    const toServer = client.send();
    server.receive(toServer);
    const toClient = server.send();
    client.receive(toClient);
    sent = toServer.length + toClient.length;
  }
  const newest = client.session ?? session;
  if (server.state !== "open" || newest === undefined) {
    throw new Error(`The handshake failed: ${server.error ?? client.error}`);
  }
  return { session: newest, resumption: server.resumption };
}
