import { Daemon, writeFile } from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  CRL,
  type Host,
  HOSTS,
  type Node,
} from "../server.ts";
import {
  CHANGES,
  keysOutlive,
  NO_RENEWAL,
  OWN_CACHE,
  ownKeys,
} from "../reasons.ts";

const VERIFY =
  "SSLVerifyClient require\nSSLVerifyDepth 3\nSSLCARevocationCheck chain";
const MODULES = ["mpm_event", "authz_core", "socache_shmcb", "alias", "ssl"];

const server = (
  { name, cert, key, ca }: Host,
  { port }: Node,
  { certificates }: Configuration,
): string => `
<VirtualHost 127.0.0.1:${port}>
  ServerName ${name}
  SSLEngine on
  SSLCertificateFile ${cert}
  SSLCertificateKeyFile ${key}
  ${certificates ? `SSLCACertificateFile ${ca}` : ""}
  ${certificates ? `${VERIFY}\nSSLCARevocationFile ${CRL}` : ""}
  Redirect 404 /
</VirtualHost>
`;

// What Debian's ssl.conf says of TLS comes before what is set besides.
const text = (node: Node, configuration: Configuration): string => `
ServerRoot ${node.place.folder}
${
  MODULES.map((name) =>
    `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
  ).join("\n")
}
Listen 127.0.0.1:${node.port}
ServerName localhost
PidFile pid
DefaultRuntimeDir .
Mutex file:. default
ErrorLog error.log
StartServers 2
ThreadsPerChild 4
MinSpareThreads 4
MaxSpareThreads 8
MaxRequestWorkers 8
SSLSessionCache shmcb:cache(512000)
SSLSessionCacheTimeout 300
SSLCipherSuite HIGH:!aNULL
SSLProtocol all -SSLv3
${
  configuration.directives.some((line) => line.startsWith("SSLSessionTickets"))
    ? ""
    : "SSLSessionTickets off"
}
${configuration.directives.join("\n")}
${HOSTS.map((host) => server(host, node, configuration)).join("")}
`;

/** Apache. */
export const apache: AuditedServer = {
  name: "Apache",
  programs: ["apache2", "/usr/sbin/apache2"],
  packages: ["apache2"],
  version: ["/usr/sbin/apache2", "-v"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: [
        "SSLSessionTickets on",
        "SSLSessionTicketKeyFile ticket.key",
      ],
      certificates: true,
    },
    {
      name: "new keys",
      directives: [
        "SSLSessionTickets on",
        "SSLSessionTicketKeyFile ticket.key",
      ],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "cache alone",
      directives: ["SSLSessionTickets off"],
      certificates: true,
    },
  ],
  findings: [
    ownKeys(
      "`SSLSessionTickets on` and `SSLSessionTicketKeyFile` with the same file at all nodes",
      "shared tickets",
    ),
    {
      probes: ["behaviour/nodes"],
      kinds: ["tls1.3"],
      in: ["cache alone"],
      why: "`SSLSessionCache shmcb:…` is the memory of one machine.",
      mend: "tickets as above, or `SSLSessionCache memcache:…`",
      goneIn: "shared tickets",
    },
    OWN_CACHE,
    {
      probes: ["isolation/name-after-retry"],
      why:
        "mod_ssl decides by the name in the first hello, and passes over another one in the hello after a HelloRetryRequest. Harmless by itself: it answers 421 if the request is for another host than the handshake.",
    },
    { ...NO_RENEWAL, mend: "`SSLSessionTickets off`", goneIn: "cache alone" },
    keysOutlive(
      ["shared tickets"],
      "a new `SSLSessionTicketKeyFile` with each new certificate, CA or CRL",
    ),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    await writeFile(place, "ticket.key", secret.subarray(0, 48));
    await writeFile(place, "apache.conf", text(node, configuration));
    return await new Daemon(
      "/usr/sbin/apache2",
      ["-DFOREGROUND", "-f", `${place.folder}/apache.conf`],
      place,
    ).ready(port);
  },
};
