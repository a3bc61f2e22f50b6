import {
  Daemon,
  makeFolder,
  prepare,
  type ServerKind,
  writeFile,
} from "./daemon.ts";

/** Who come by TLS: one with any certificate of the authority's, one with her own. */
const USERS =
  `CREATE USER 'client'@'%' IDENTIFIED BY 'open sesame' REQUIRE X509;
CREATE USER 'alice'@'%' IDENTIFIED BY 'open sesame' REQUIRE SUBJECT '/O=Test/CN=alice';
`;

/** MariaDB. */
export const mariadb: ServerKind = {
  programs: ["mariadbd", "/usr/sbin/mariadbd"],
  packages: ["mariadb-server-core"],
  async start(place, port): Promise<Daemon> {
    const data = await makeFolder(place, "data");
    const temporary = await makeFolder(place, "tmp");
    const users = await writeFile(place, "users.sql", USERS);
    const small = [
      "--no-defaults",
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      "--innodb-buffer-pool-size=8M",
      "--innodb-log-file-size=4M",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-fast-shutdown=2",
      "--aria-log-file-size=8M",
    ];
    await prepare("mariadb-install-db", [
      ...small,
      "--auth-root-authentication-method=normal",
      "--skip-name-resolve",
      "--skip-test-db",
    ], place);
    return await new Daemon("/usr/sbin/mariadbd", [
      ...small,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      `--socket=${place.folder}/socket`,
      `--init-file=${users}`,
      `--ssl-ca=${place.folder}/ca.pem`,
      `--ssl-cert=${place.folder}/cert.pem`,
      `--ssl-key=${place.folder}/key.pem`,
      "--require-secure-transport",
    ], place).ready(port);
  },
};
