import { Daemon, type ServerKind } from "../../support/servers/daemon.ts";

/** Redis, by TLS alone, for clients with a certificate. */
export const redis: ServerKind = {
  programs: ["redis-server"],
  packages: ["redis-server"],
  start: async (place, port) =>
    await new Daemon("redis-server", [
      ...["--port", "0", "--tls-port", `${port}`, "--bind", "127.0.0.1"],
      ...["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem"],
      ...["--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "yes"],
      ...["--save", "", "--dir", place.folder],
    ], place).ready(port),
};
