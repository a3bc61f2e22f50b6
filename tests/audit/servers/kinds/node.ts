import { Daemon, writeFile } from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  CRL,
  HOSTS,
  type Node,
} from "../server.ts";

const [one, two] = HOSTS;

/** A program whose directives are options of `https.createServer`. */
const program = (
  { port }: Node,
  { directives, certificates = false }: Configuration,
): string => `
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const read = (file) =>
  readFileSync(file, "utf8").split(/(?=-----BEGIN)/);
const secret = readFileSync("secret");
const server = createServer({
  cert: readFileSync("${one.cert}"),
  key: readFileSync("${one.key}"),
  ca: readFileSync("${one.ca}"),
  ${certificates ? `crl: read("${CRL}"),` : ""}
  requestCert: ${certificates},
  rejectUnauthorized: ${certificates},
  ${directives.map((directive) => `${directive},`).join("\n  ")}
}, (_, response) => response.end("OK"));
server.addContext("${two.name}", {
  cert: readFileSync("${two.cert}"),
  key: readFileSync("${two.key}"),
  ca: readFileSync("${two.ca}"),
  ${certificates ? `crl: read("${CRL}"),` : ""}
});
server.listen(${port}, "127.0.0.1");
`;

/** Node.js: its own \`node:https\`. */
export const node: AuditedServer = {
  name: "Node.js",
  programs: ["node"],
  packages: ["nodejs"],
  version: ["node", "--version"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ["ticketKeys: secret.subarray(0, 48)"],
      certificates: true,
    },
    {
      name: "shared tickets and context",
      directives: [
        "ticketKeys: secret.subarray(0, 48)",
        'sessionIdContext: "example"',
      ],
      certificates: true,
    },
  ],
  async start(node, configuration): Promise<Daemon> {
    await writeFile(node.place, "secret", node.secret);
    await writeFile(node.place, "server.mjs", program(node, configuration));
    return await new Daemon("node", ["server.mjs"], node.place)
      .ready(node.port);
  },
};
