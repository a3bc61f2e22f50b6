import {
  Daemon,
  type Place,
  userOf,
  writeFile,
} from "../../../support/servers/daemon.ts";
import type { AuditedServer, Configuration } from "../server.ts";

const text = (
  { folder }: Place,
  port: number,
  protocol: string,
  user: string,
  { directives }: Configuration,
): string => `
protocols = ${protocol}
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
default_internal_user = ${user}
default_internal_group =
default_login_user = ${user}
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
${directives.join("\n")}
service anvil {
  chroot =
}
service ${protocol}-login {
  chroot =
  inet_listener ${protocol} {
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = 0
  }
}
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=${user} home=${folder}
}
`;

const dovecotFor = (protocol: "imap" | "pop3"): AuditedServer => ({
  name: `Dovecot (${protocol})`,
  programs: ["dovecot", "/usr/sbin/dovecot"],
  packages: [`dovecot-${protocol}d`],
  version: ["/usr/sbin/dovecot", "--version"],
  starttls: protocol,
  configurations: [
    { name: "stock", directives: [], nodes: 1, oneName: true },
  ],
  findings: [
    {
      probes: ["behaviour/kinds"],
      why: "Dovecot turns tickets off, and the cache.",
      mend: "connections that last, as mail clients have them",
    },
  ],
  async start({ place, port }, configuration): Promise<Daemon> {
    const user = await userOf(place);
    const file = await writeFile(
      place,
      "dovecot.conf",
      text(place, port, protocol, user, configuration),
    );
    return await new Daemon("/usr/sbin/dovecot", ["-F", "-c", file], place)
      .ready(port);
  },
});

/** Dovecot, for those who read their mail by IMAP. */
export const imap: AuditedServer = dovecotFor("imap");

/** Dovecot, for those who fetch their mail by POP3. */
export const pop3: AuditedServer = dovecotFor("pop3");
