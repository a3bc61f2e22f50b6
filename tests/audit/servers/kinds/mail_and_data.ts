/** Servers that the drivers are tried with, too. */
import type { ServerKind } from "../../../support/servers/daemon.ts";
import { exim, startExim } from "../../../support/servers/exim.ts";
import { mariadb } from "../../../support/servers/mariadb.ts";
import { postgres } from "../../../support/servers/postgres.ts";
import { vsftpd } from "../../../support/servers/vsftpd.ts";
import { FORGETFUL } from "../reasons.ts";
import type { AuditedServer } from "../server.ts";

/** Exim, with GnuTLS. */
export const smtp: AuditedServer = {
  ...exim,
  name: "Exim",
  version: ["/usr/sbin/exim4", "-bV"],
  starttls: "smtp",
  configurations: [
    { name: "stock", directives: [], nodes: 1, oneName: true },
    {
      name: "with resumption",
      directives: ["tls_resumption_hosts = *"],
      nodes: 1,
      oneName: true,
    },
  ],
  findings: [
    {
      probes: ["behaviour/kinds"],
      why: "Exim resumes sessions only where it is told to.",
      mend: "`tls_resumption_hosts = *`",
      goneIn: "with resumption",
    },
    {
      probes: ["isolation/other-cipher"],
      why:
        "GnuTLS resumes a session of TLS 1.2 with its cipher suite, whether the client offers it or not.",
      mend: "no `tls_resumption_hosts`",
      goneIn: "stock",
    },
    {
      probes: ["proof/identity"],
      why:
        "GnuTLS ignores bytes that follow a ticket. Those of the ticket are authenticated.",
      mend: "no `tls_resumption_hosts`",
      goneIn: "stock",
    },
  ],
  start: ({ place, port }, { directives }) =>
    startExim(place, port, directives),
};

/** vsftpd. */
export const ftp: AuditedServer = audited(vsftpd, {
  name: "vsftpd",
  // It prints its version to standard input.
  version: ["sh", "-c", "/usr/sbin/vsftpd -version 0>&1"],
  starttls: "ftp",
  findings: [
    {
      probes: ["proof/ticket-lifetime"],
      why:
        "vsftpd has sessions last as long as OpenSSL can count, so that data connections can resume those of their control connections.",
    },
  ],
});

/** MariaDB, with its wolfSSL or OpenSSL. */
export const mysql: AuditedServer = audited(mariadb, {
  name: "MariaDB",
  version: ["/usr/sbin/mariadbd", "--version"],
  starttls: "mysql",
  findings: [
    FORGETFUL,
  ],
});

/** PostgreSQL. */
export const postgresql: AuditedServer = audited(postgres, {
  name: "PostgreSQL",
  version: [postgres.programs[0] ?? "postgres", "--version"],
  starttls: "postgres",
  findings: [
    {
      probes: ["behaviour/kinds"],
      why: "PostgreSQL turns tickets off, and the cache.",
      mend: "connections that last (a pool), or a TLS proxy before it",
    },
  ],
});

function audited(
  kind: ServerKind,
  naming: Pick<AuditedServer, "name" | "version" | "starttls" | "findings">,
): AuditedServer {
  return {
    ...kind,
    ...naming,
    configurations: [
      { name: "stock", directives: [], nodes: 1, oneName: true },
    ],
    start: ({ place, port }) => kind.start(place, port),
  };
}
