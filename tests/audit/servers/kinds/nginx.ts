import {
  Daemon,
  makeFolder,
  writeFile,
} from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  type Host,
  HOSTS,
  type Node,
} from "../server.ts";
import {
  CHANGES,
  keysOutlive,
  OFF,
  otherName,
  otherTerms,
  ownKeys,
  replays,
} from "../reasons.ts";

const server = (
  { name, cert, key, ca }: Host,
  { port }: Node,
  { certificates }: Configuration,
): string => `
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${name};
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    ${certificates ? `ssl_client_certificate ${ca};` : ""}
    ${
  certificates
    ? "ssl_verify_client on; ssl_verify_depth 3; ssl_crl crl.pem;"
    : ""
}
    location / {
      default_type text/plain;
      return 200 "$ssl_protocol $ssl_session_reused $ssl_client_verify";
    }
  }
`;

// What Debian's nginx.conf says of TLS comes before what is set besides.
const text = (node: Node, configuration: Configuration): string => `
daemon off;
worker_processes 2;
pid pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi;
  scgi_temp_path tmp/scgi;
  ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers on;
  ${configuration.directives.map((line) => `${line};`).join("\n  ")}
  ${HOSTS.map((host) => server(host, node, configuration)).join("")}
}
`;

/** nginx. */
export const nginx: AuditedServer = {
  name: "nginx",
  programs: ["nginx", "/usr/sbin/nginx"],
  packages: ["nginx-light"],
  version: ["/usr/sbin/nginx", "-v"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ["ssl_session_ticket_key ticket.key"],
      certificates: true,
    },
    {
      name: "new keys",
      directives: ["ssl_session_ticket_key ticket.key"],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "early data",
      directives: ["ssl_session_ticket_key ticket.key", "ssl_early_data on"],
    },
    {
      name: "no resumption",
      directives: ["ssl_session_tickets off"],
      certificates: true,
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`ssl_session_ticket_key` with the same file at all nodes",
      "shared tickets",
    ),
    otherName(
      "a `listen` address of its own for each certificate, or `ssl_session_tickets off`",
      "no resumption",
    ),
    keysOutlive(
      ["shared tickets"],
      "a new `ssl_session_ticket_key` with each new `ssl_crl`",
      ["isolation/revoked-certificate"],
    ),
    replays(
      "nginx turns OpenSSL's protection against replays off, and leaves them to the application, which sees `$ssl_early_data`.",
      "`ssl_early_data off`, which is the default; or `proxy_set_header Early-Data $ssl_early_data` before an application that answers 425 (RFC 8470)",
      "shared tickets",
    ),
    otherTerms("`ssl_early_data off`", "shared tickets"),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    await makeFolder(place, "tmp");
    await writeFile(place, "ticket.key", secret);
    await writeFile(place, "nginx.conf", text(node, configuration));
    return await new Daemon(
      "/usr/sbin/nginx",
      ["-p", place.folder, "-c", "nginx.conf", "-e", "stderr"],
      place,
    ).ready(port);
  },
};
