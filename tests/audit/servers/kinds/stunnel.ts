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
  FORGETFUL,
  keysOutlive,
  OFF,
  otherAuthority,
  otherName,
  OWN_CACHE,
  ownKeys,
} from "../reasons.ts";

const service = (
  { name, cert, key, ca }: Host,
  index: number,
  { port, backend }: Node,
  { certificates, directives }: Configuration,
): string => `
[${name}]
${index === 0 ? `accept = 127.0.0.1:${port}` : `sni = ${HOSTS[0].name}:${name}`}
connect = 127.0.0.1:${backend}
cert = ${cert}
key = ${key}
${certificates ? `verifyChain = yes\nCAfile = ${ca}\nCRLfile = ${CRL}` : ""}
${directives.join("\n")}
`;

const text = (node: Node, configuration: Configuration): string => `
foreground = yes
pid =
${
  HOSTS.map((host, index) => service(host, index, node, configuration))
    .join("")
}
`;

/** stunnel, before an HTTP server. */
export const stunnel: AuditedServer = {
  name: "stunnel",
  programs: ["stunnel4"],
  packages: ["stunnel4"],
  version: ["stunnel4", "-version"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ["ticketKeySecret = ", "ticketMacSecret = "],
      certificates: true,
    },
    {
      name: "new keys",
      directives: ["ticketKeySecret = ", "ticketMacSecret = "],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "no resumption",
      directives: ["sessionResume = no"],
      certificates: true,
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`ticketKeySecret` and `ticketMacSecret`, the same at all nodes",
      "shared tickets",
    ),
    OWN_CACHE,
    { ...FORGETFUL, mend: "tickets, which nearly all clients take" },
    otherName(
      "a service with an `accept` of its own for each certificate, or `sessionResume = no`",
      "no resumption",
    ),
    otherAuthority(
      ["shared tickets"],
      "a service with an `accept` and keys of its own for each CA, or `sessionResume = no`",
      "no resumption",
    ),
    keysOutlive(
      ["shared tickets"],
      "a new `ticketKeySecret` and `ticketMacSecret` with each new certificate, CA or CRL",
    ),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    const key = secret.subarray(0, 32).toHex();
    const mac = secret.subarray(32, 64).toHex();
    const filled = text(node, configuration)
      .replaceAll("ticketKeySecret = ", `ticketKeySecret = ${key}`)
      .replaceAll("ticketMacSecret = ", `ticketMacSecret = ${mac}`);
    await writeFile(place, "stunnel.conf", filled);
    return await new Daemon("stunnel4", ["stunnel.conf"], place).ready(port);
  },
};
