/**
 * Engines that talk to each other, for the tests of src/tls.
 *
 * @module
 */
import {
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
  type TlsEngineOptions,
} from "@sesame/tls";
import {
  createTestCertificate,
  type TestCertificate,
} from "@sesame/tls/testing";

/** A certificate for localhost, made once a process. */
export const certificate: TestCertificate = createTestCertificate({
  hosts: ["localhost", "127.0.0.1"],
});

/** A context that can be server and client. */
export function contextOf(options: TlsContextOptions = {}): TlsContext {
  return new TlsContext({
    ...certificate,
    caCerts: [certificate.cert],
    ...options,
  });
}

/** Both ends of a connection. */
export interface Ends extends Disposable {
  readonly client: TlsEngine;
  readonly server: TlsEngine;
}

/** Two engines that haven't exchanged anything yet. */
export function endsOf(
  serverContext: TlsContext,
  clientContext: TlsContext = serverContext,
  options: Partial<TlsEngineOptions> = {},
): Ends {
  const server = new TlsEngine(serverContext, { role: "server" });
  const client = new TlsEngine(clientContext, {
    role: "client",
    hostname: "localhost",
    ...options,
  });
  return {
    client,
    server,
    [Symbol.dispose](): void {
      client[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

/** Carries bytes to and fro until neither end has any. */
export function exchange({ client, server }: Ends): void {
  for (let isQuiet = false; !isQuiet;) {
    const toServer = client.send();
    if (toServer.length > 0) server.receive(toServer);
    const toClient = server.send();
    if (toClient.length > 0) client.receive(toClient);
    isQuiet = toServer.length === 0 && toClient.length === 0;
  }
}

/** Two engines after their handshake. */
export function connected(
  serverContext: TlsContext,
  clientContext?: TlsContext,
  options?: Partial<TlsEngineOptions>,
): Ends {
  const ends = endsOf(serverContext, clientContext, options);
  exchange(ends);
  return ends;
}
