/** Servers that the drivers are tried with, too. */
import type { ServerKind } from "../../../support/servers/daemon.ts";
import { exim, startExim } from "../../../support/servers/exim.ts";
import { mariadb } from "../../../support/servers/mariadb.ts";
import { postgres } from "../../../support/servers/postgres.ts";
import { vsftpd } from "../../../support/servers/vsftpd.ts";
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
  start: ({ place, port }, { directives }) =>
    startExim(place, port, directives),
};

/** vsftpd. */
export const ftp: AuditedServer = audited(vsftpd, {
  name: "vsftpd",
  // It prints its version to standard input.
  version: ["sh", "-c", "/usr/sbin/vsftpd -version 0>&1"],
  starttls: "ftp",
});

/** MariaDB, with its wolfSSL or OpenSSL. */
export const mysql: AuditedServer = audited(mariadb, {
  name: "MariaDB",
  version: ["/usr/sbin/mariadbd", "--version"],
  starttls: "mysql",
});

/** PostgreSQL. */
export const postgresql: AuditedServer = audited(postgres, {
  name: "PostgreSQL",
  version: [postgres.programs[0] ?? "postgres", "--version"],
  starttls: "postgres",
});

function audited(
  kind: ServerKind,
  naming: Pick<AuditedServer, "name" | "version" | "starttls">,
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
