import { Daemon, writeFile } from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  CRL,
  type Host,
  HOSTS,
  type Node,
} from "../server.ts";

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
