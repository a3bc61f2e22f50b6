// @ts-self-types="./start_sesame.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- start_sesame.d.mts has the types

// A full handshake of TLS 1.3 between two engines, joined in memory.
export function handshake({ TlsContext, TlsEngine }, { cert, key }) {
  const server = new TlsEngine(new TlsContext({ cert, key }), {
    role: "server",
  });
  const client = new TlsEngine(new TlsContext({ caCerts: [cert] }), {
    role: "client",
    hostname: "localhost",
  });
  while (!(client.info && server.info)) {
    server.receive(client.send());
    client.receive(server.send());
  }
}
