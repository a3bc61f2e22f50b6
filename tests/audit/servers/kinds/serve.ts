import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { Daemon } from "../../../support/servers/daemon.ts";
import { type AuditedServer, CRL, HOSTS } from "../server.ts";

const CLI = fileURLToPath(new URL("../../../../cli.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../../deno.json", import.meta.url));
const [{ cert, key, ca }] = HOSTS;

/** Our own `serve`. */
export const serve: AuditedServer = {
  name: "serve",
  programs: [Deno.execPath()],
  packages: [],
  configurations: [
    { name: "stock", directives: [], oneName: true },
    {
      name: "shared store",
      directives: ["--store sqlite:sessions.db"],
      certificates: true,
      oneName: true,
    },
    {
      name: "early data",
      directives: [
        "--store sqlite:sessions.db",
        "--single-use",
        "--max-early-data 16384",
      ],
      oneName: true,
    },
  ],
  findings: [
    {
      probes: ["behaviour/nodes"],
      why: "Each process has a store of its own, in memory.",
      mend: "`--store`, a store that all nodes use",
      goneIn: "shared store",
    },
    {
      probes: ["isolation/changed-certificate"],
      why:
        "A session lasts while its store has it, whatever certificate the server shows meanwhile: clients verify it in full handshakes (RFC 8446, 4.6.1).",
      mend:
        "`sesame store revoke`, when the former certificate must not be trusted any more",
    },
  ],
  async start(
    { place, port, common },
    { directives, certificates },
  ): Promise<Daemon> {
    // The account of other servers can't read this repository, nor Deno's cache.
    const own = { folder: place.folder, account: {} };
    return await new Daemon(
      Deno.execPath(),
      [
        ...["run", "-A", "--no-check", "--config", CONFIG, CLI, "serve"],
        ...["--quiet", "--port", `${port}`, "--cert", cert, "--key", key],
        ...(certificates
          ? ["--client-auth", "require", "--ca", ca, "--crl", CRL]
          : []),
        ...directives.flatMap((directive) =>
          directive.replace("sqlite:", `sqlite:${common}/`).split(" ")
        ),
      ],
      own,
      { env: { HOME: homedir() } },
    ).ready(port);
  },
};
