import { Daemon } from "../../../support/servers/daemon.ts";
import { type AuditedServer, CRL, HOSTS } from "../server.ts";

const [one, two] = HOSTS;

/** OpenSSL's test server: no keys that others could have. */
export const openssl: AuditedServer = {
  name: "openssl s_server",
  programs: ["openssl"],
  packages: ["openssl"],
  version: ["openssl", "version"],
  configurations: [
    { name: "stock", directives: ["-www"] },
    {
      name: "client certificates",
      directives: ["-www", "-Verify 3", "-verify_return_error"],
      certificates: true,
    },
    { name: "early data", directives: ["-early_data"] },
  ],
  start: async ({ place, port }, { directives, certificates }) =>
    await new Daemon(
      "openssl",
      [
        ...["s_server", "-quiet", "-accept", `127.0.0.1:${port}`],
        ...["-cert", one.cert, "-cert_chain", one.cert, "-key", one.key],
        ...["-servername", two.name, "-cert2", two.cert, "-key2", two.key],
        ...(certificates ? ["-CAfile", one.ca, "-CRL", CRL, "-crl_check"] : []),
        ...directives.flatMap((directive) => directive.split(" ")),
      ],
      place,
      { stdin: "piped" },
    ).ready(port),
};
