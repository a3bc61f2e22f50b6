import { Daemon } from "../../../support/servers/daemon.ts";
import { type AuditedServer, CRL, HOSTS } from "../server.ts";
import { FORGETFUL, OFF, otherName, otherTerms } from "../reasons.ts";

const [one, two] = HOSTS;

/** OpenSSL's test server: no keys that others could have. */
export const openssl: AuditedServer = {
  name: "openssl s_server",
  programs: ["openssl"],
  packages: ["openssl"],
  version: ["openssl", "version"],
  configurations: [
    { name: "stock", directives: ["-www"] },
    {
      name: "client certificates",
      directives: ["-www", "-Verify 3", "-verify_return_error"],
      certificates: true,
    },
    {
      name: "no resumption",
      directives: ["-www", "-no_ticket", "-no_cache"],
    },
    { name: "early data", directives: ["-early_data"], isSilent: true },
  ],
  findings: [
    OFF,
    {
      probes: ["behaviour/nodes"],
      why: "It has no option for ticket keys.",
    },
    otherName("`-no_ticket -no_cache`", "no resumption"),
    otherTerms("no `-early_data`", "stock"),
    FORGETFUL,
    {
      probes: ["behaviour/hello-retry"],
      why:
        "With early data OpenSSL takes a session out of its cache when it is first looked up, before the HelloRetryRequest, and doesn't find it again.",
      mend: "`-no_anti_replay`, or the groups that clients prefer",
    },
  ],
  start: async ({ place, port }, { directives, certificates }) =>
    await new Daemon(
      "openssl",
      [
        ...["s_server", "-quiet", "-accept", `127.0.0.1:${port}`],
        ...["-cert", one.cert, "-cert_chain", one.cert, "-key", one.key],
        ...["-servername", two.name, "-cert2", two.cert, "-key2", two.key],
        ...(certificates ? ["-CAfile", one.ca, "-CRL", CRL, "-crl_check"] : []),
        ...directives.flatMap((directive) => directive.split(" ")),
      ],
      place,
      { stdin: "piped" },
    ).ready(port),
};
