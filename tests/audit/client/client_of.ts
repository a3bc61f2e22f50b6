import { assert } from "@std/assert";
import type { TlsTransport } from "@sesame/tls";
import type { VirtualClock } from "@sesame/tls/testing";
import { AuditClient } from "../../../src/audit/client/audit_client.ts";
import { TransportTarget } from "../../../src/audit/transport_target.ts";
import type { ClientParts } from "../../../src/audit/client/client_state.ts";
import type { ClientSession } from "../../../src/audit/client/session.ts";
import type { ResumptionKind } from "../../../src/audit/finding.ts";
import type { CertificateAndKey } from "../../../src/pki/certificate.ts";

/** How a client of the tests differs from one that asks for "localhost" and sends no request. */
export interface ClientOptions extends Partial<ClientParts> {
  readonly connect: (node: string) => TlsTransport | Promise<TlsTransport>;
  readonly clock?: VirtualClock;
  readonly certificate?: CertificateAndKey;
}

/** A client of an audit. Dispose of its state. */
export function clientOf(options: ClientOptions): AuditClient & Disposable {
  const { connect, clock, certificate } = options;
  const first = certificate &&
    { cert: String(certificate.cert), key: String(certificate.key) };
  const client = new AuditClient({
    target: new TransportTarget(["server"], connect),
    defaults: {
      name: "localhost",
      alpn: [],
      credentials: { first, second: undefined, none: undefined },
    },
    request: () => new Uint8Array(),
    timeout: 5_000,
    maxDuration: 60_000,
    adapts: false,
    seed: undefined,
    silence: 10,
    now: clock?.now ?? Date.now,
    signal: new AbortController().signal,
    ...options,
  });
  return Object.assign(client, {
    [Symbol.dispose]: () => client.state.dispose(),
  });
}

/** A session that a client is given in a full handshake. */
export async function sessionOf(
  client: AuditClient,
  kind: ResumptionKind,
): Promise<ClientSession> {
  const { sessions: [session] } = await client.visit(kind, {});
  assert(session);
  return session;
}
