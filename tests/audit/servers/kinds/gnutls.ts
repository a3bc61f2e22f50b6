import { Daemon } from "../../../support/servers/daemon.ts";
import { type AuditedServer, CRL, HOSTS } from "../server.ts";

const [{ cert, key, ca }] = HOSTS;

/** GnuTLS's test server: with one name, and no keys that others could have. */
export const gnutls: AuditedServer = {
  name: "gnutls-serv",
  programs: ["gnutls-serv"],
  packages: ["gnutls-bin"],
  version: ["gnutls-serv", "--version"],
  configurations: [
    { name: "stock", directives: [], oneName: true },
    {
      name: "client certificates",
      directives: ["--require-client-cert", "--verify-client-cert"],
      certificates: true,
      oneName: true,
    },
    { name: "early data", directives: ["--earlydata"], oneName: true },
  ],
  start: async ({ place, port }, { directives, certificates }) =>
    await new Daemon("gnutls-serv", [
      ...["--http", "--quiet", "--port", `${port}`],
      ...["--x509certfile", cert, "--x509keyfile", key],
      ...(certificates ? ["--x509cafile", ca, "--x509crlfile", CRL] : []),
      ...directives,
    ], place).ready(port),
};
