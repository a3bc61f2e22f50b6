import { Daemon, writeFile } from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  CRL,
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
  otherTerms,
  OWN_CACHE,
  ownKeys,
  replays,
} from "../reasons.ts";

const isGlobal = (directive: string): boolean => directive.startsWith("tune.");

// The global section is that of Debian's haproxy.cfg, as far as it is about TLS.
const text = (
  { port }: Node,
  { directives }: Configuration,
): string => `
global
  nbthread 2
  ${directives.filter(isGlobal).join("\n  ")}
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
  ssl-default-bind-options ssl-min-ver TLSv1.2${
  directives.some((line) => line.startsWith("tls-ticket-keys"))
    ? ""
    : " no-tls-tickets"
}
defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend all
  bind 127.0.0.1:${port} ssl crt-list crt-list ${
  directives.filter((line) => !isGlobal(line)).join(" ")
}
  http-request return status 200 content-type text/plain string "OK"
`;

const list = ({ certificates }: Configuration): string =>
  HOSTS.map(({ name, pair, ca }) => {
    const options = certificates
      ? `[verify required ca-file ${ca} crl-file ${CRL}] `
      : "";
    return `${pair} ${options}${name}\n`;
  }).join("");

/** HAProxy. */
export const haproxy: AuditedServer = {
  name: "HAProxy",
  programs: ["haproxy", "/usr/sbin/haproxy"],
  packages: ["haproxy"],
  version: ["/usr/sbin/haproxy", "-v"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ["tls-ticket-keys ticket.keys"],
      certificates: true,
    },
    {
      name: "new keys",
      directives: ["tls-ticket-keys ticket.keys"],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "early data",
      directives: ["tls-ticket-keys ticket.keys", "allow-0rtt"],
    },
    {
      name: "no resumption",
      directives: ["no-tls-tickets", "tune.ssl.cachesize 0"],
      certificates: true,
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`tls-ticket-keys` with the same file at all nodes",
      "shared tickets",
    ),
    OWN_CACHE,
    {
      ...NO_RENEWAL,
      mend: "`no-tls-tickets`, as Debian has it",
      goneIn: "stock",
    },
    otherName(
      "a `bind` of its own for each certificate, or `no-tls-tickets` and `tune.ssl.cachesize 0`",
      "no resumption",
    ),
    otherAuthority(
      ["shared tickets"],
      "a `bind` of its own for each CA, with `tls-ticket-keys` of its own; or `no-tls-tickets` and `tune.ssl.cachesize 0`",
      "no resumption",
    ),
    keysOutlive(
      ["shared tickets"],
      "new `tls-ticket-keys` with each new certificate, CA or CRL",
    ),
    replays(
      "HAProxy turns OpenSSL's protection against replays off, and leaves them to the application, which sees `Early-Data: 1`.",
      "a `bind` without `allow-0rtt`; or an application that answers 425 (RFC 8470)",
      "shared tickets",
    ),
    otherTerms("a `bind` without `allow-0rtt`", "shared tickets"),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    // Three keys: it decrypts with all, and encrypts with the last but one.
    const keys = [0, 1, 2].map((index) =>
      secret.map((byte) => byte ^ index).toBase64()
    );
    await writeFile(place, "ticket.keys", `${keys.join("\n")}\n`);
    await writeFile(place, "crt-list", list(configuration));
    await writeFile(place, "haproxy.cfg", text(node, configuration));
    return await new Daemon(
      "/usr/sbin/haproxy",
      ["-db", "-f", "haproxy.cfg"],
      place,
    ).ready(port);
  },
};
