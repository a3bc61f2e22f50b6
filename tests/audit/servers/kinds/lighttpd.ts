import {
  Daemon,
  makeFolder,
  writeFile,
} from "../../../support/servers/daemon.ts";
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
  OFF,
  otherAuthority,
  otherName,
  ownKeys,
} from "../reasons.ts";

const DAY_SECONDS = 86_400;

const server = (
  { name, cert, key, ca }: Host,
  { certificates }: Configuration,
): string => `
$HTTP["host"] == "${name}" {
  ssl.pemfile = "${cert}"
  ssl.privkey = "${key}"
${
  certificates
    ? `  ssl.verifyclient.activate = "enable"
  ssl.verifyclient.enforce = "enable"
  ssl.verifyclient.depth = 3
  ssl.verifyclient.ca-file = "${ca}"
  ssl.verifyclient.ca-crl-file = "${CRL}"`
    : ""
}
}
`;

const text = (
  node: Node,
  configuration: Configuration,
): string => `
server.modules += ("mod_indexfile", "mod_staticfile")
index-file.names = ("index.html")
server.document-root = "${node.place.folder}/files"
server.port = ${node.port}
server.bind = "127.0.0.1"
server.modules += ("mod_openssl")
ssl.engine = "enable"
ssl.pemfile = "${HOSTS[0].cert}"
ssl.privkey = "${HOSTS[0].key}"
${configuration.directives.join("\n")}
${HOSTS.map((host) => server(host, configuration)).join("")}
`;

/** A file of `ssl.stek-file`: a format, when the key begins and ends, the key. */
function ticketKey(secret: Uint8Array): Uint8Array {
  const now = Math.floor(Date.now() / 1000);
  const head = Uint32Array.of(0, now - 60, now + DAY_SECONDS);
  const file = new Uint8Array(head.byteLength + secret.length);
  file.set(new Uint8Array(head.buffer));
  file.set(secret, head.byteLength);
  return file;
}

/** lighttpd, with OpenSSL. */
export const lighttpd: AuditedServer = {
  name: "lighttpd",
  programs: ["lighttpd", "/usr/sbin/lighttpd"],
  packages: ["lighttpd", "lighttpd-mod-openssl"],
  version: ["/usr/sbin/lighttpd", "-v"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ['ssl.stek-file = "ticket.key"'],
      certificates: true,
    },
    {
      name: "new keys",
      directives: ['ssl.stek-file = "ticket.key"'],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "no resumption",
      directives: [
        'ssl.openssl.ssl-conf-cmd = ("Options" => "-SessionTicket")',
      ],
      certificates: true,
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`ssl.stek-file` with the same file at all nodes",
      "shared tickets",
    ),
    NO_RENEWAL,
    otherName(
      'a `$SERVER["socket"]` of its own for each certificate, or `ssl.openssl.ssl-conf-cmd = ("Options" => "-SessionTicket")`',
      "no resumption",
    ),
    otherAuthority(
      ["shared tickets"],
      'a `$SERVER["socket"]` of its own for each CA, or `ssl.openssl.ssl-conf-cmd = ("Options" => "-SessionTicket")`',
      "no resumption",
    ),
    {
      probes: ["isolation/no-name", "isolation/trailing-dot"],
      why:
        "`ssl.verifyclient` is in the conditions of the names here: who asks for another name or none is let in without a certificate, and takes the session to a name that requires one.",
      mend:
        "`ssl.verifyclient.activate` and `ssl.verifyclient.enforce` outside of conditions, or no tickets as above",
      goneIn: "no resumption",
    },
    keysOutlive(
      ["shared tickets"],
      "a new `ssl.stek-file` with each new certificate, CA or CRL",
    ),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    await makeFolder(place, "files");
    await writeFile(place, "files/index.html", "OK");
    await writeFile(place, "ticket.key", ticketKey(secret));
    await writeFile(place, "lighttpd.conf", text(node, configuration));
    return await new Daemon(
      "/usr/sbin/lighttpd",
      ["-D", "-f", "lighttpd.conf"],
      place,
    ).ready(port);
  },
};
