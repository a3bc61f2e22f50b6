// @ts-self-types="./start_sesame.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- start_sesame.d.mts has the types

// A full handshake of TLS 1.3 between two engines, joined in memory.
export function contexts({ TlsContext }, { cert, key }) {
  return {
    server: new TlsContext({ cert, key }),
    client: new TlsContext({ caCerts: [cert] }),
  };
}

export function handshake({ TlsEngine }, contexts) {
  const server = new TlsEngine(contexts.server, { role: "server" });
  const client = new TlsEngine(contexts.client, {
    role: "client",
    hostname: "localhost",
  });
  while (!(client.info && server.info)) {
    server.receive(client.send());
    client.receive(server.send());
  }
}
