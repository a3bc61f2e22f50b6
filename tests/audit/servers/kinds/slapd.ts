import { Daemon, writeFile } from "../../../support/servers/daemon.ts";
import type { AuditedServer } from "../server.ts";

/** OpenLDAP's server, with GnuTLS. */
export const slapd: AuditedServer = {
  name: "slapd",
  programs: ["slapd", "/usr/sbin/slapd"],
  packages: ["slapd"],
  version: ["/usr/sbin/slapd", "-VV"],
  starttls: "ldap",
  configurations: [
    { name: "stock", directives: [], nodes: 1, oneName: true },
  ],
  findings: [
    {
      probes: ["behaviour/kinds"],
      why: "slapd gives no tickets and keeps no sessions.",
      mend: "connections that last, as most LDAP clients have them",
    },
  ],
  async start({ place, port }, { directives }): Promise<Daemon> {
    const { folder } = place;
    const file = await writeFile(
      place,
      "slapd.conf",
      [
        `TLSCertificateFile ${folder}/cert.pem`,
        `TLSCertificateKeyFile ${folder}/key.pem`,
        ...directives,
        "",
      ].join("\n"),
    );
    return await new Daemon("/usr/sbin/slapd", [
      ...["-d", "0", "-f", file, "-h", `ldap://127.0.0.1:${port}/`],
    ], place).ready(port);
  },
};
