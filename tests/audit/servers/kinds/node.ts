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
  ownKeys,
  RENEGOTIATES,
} from "../reasons.ts";

const [one, two] = HOSTS;

/** A program whose directives are options of `https.createServer`. */
const program = (
  { port }: Node,
  { directives, certificates = false }: Configuration,
): string => `
import { constants } from "node:crypto";
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
    {
      name: "new keys",
      directives: [
        "ticketKeys: secret.subarray(0, 48)",
        'sessionIdContext: "example"',
      ],
      certificates: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "no resumption",
      directives: [
        "secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION",
      ],
      certificates: true,
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`ticketKeys` and `sessionIdContext`, the same at all nodes",
      "shared tickets and context",
    ),
    {
      probes: ["behaviour/nodes"],
      in: ["shared tickets"],
      why:
        "The default `sessionIdContext` is made of the command line, which has the path of the program.",
      mend: "`sessionIdContext`, the same at all nodes",
      goneIn: "shared tickets and context",
    },
    NO_RENEWAL,
    {
      ...RENEGOTIATES,
      probes: [
        "robustness/renegotiation",
        "robustness/renegotiation-other-client",
      ],
      mend: "`secureOptions: constants.SSL_OP_NO_RENEGOTIATION`",
      goneIn: "no resumption",
    },
    otherName(
      "a server of its own for each certificate, or `secureOptions: constants.SSL_OP_NO_TICKET`",
      "no resumption",
    ),
    otherAuthority(
      ["shared tickets", "shared tickets and context"],
      "a server of its own for each CA, or `secureOptions: constants.SSL_OP_NO_TICKET`",
      "no resumption",
    ),
    keysOutlive(
      ["shared tickets", "shared tickets and context"],
      "`server.setTicketKeys` with each new certificate, CA or CRL",
    ),
  ],
  async start(node, configuration): Promise<Daemon> {
    await writeFile(node.place, "secret", node.secret);
    await writeFile(node.place, "server.mjs", program(node, configuration));
    return await new Daemon("node", ["server.mjs"], node.place)
      .ready(node.port);
  },
};
