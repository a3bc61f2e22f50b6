import { Daemon } from "../../../support/servers/daemon.ts";
import { type AuditedServer, CRL, HOSTS } from "../server.ts";
import { OFF, RENEGOTIATES } from "../reasons.ts";

const [{ cert, key, ca }] = HOSTS;

/** GnuTLS's test server: with one name, and no keys that others could have. */
export const gnutls: AuditedServer = {
  name: "gnutls-serv",
  programs: ["gnutls-serv"],
  packages: ["gnutls-bin"],
  version: ["gnutls-serv", "--version"],
  configurations: [
    { name: "stock", directives: [], oneName: true },
    {
      name: "client certificates",
      directives: ["--require-client-cert", "--verify-client-cert"],
      certificates: true,
      oneName: true,
    },
    {
      name: "no resumption",
      directives: ["--noticket", "--nodb"],
      oneName: true,
    },
    { name: "early data", directives: ["--earlydata"], oneName: true },
  ],
  findings: [
    OFF,
    {
      probes: ["behaviour/nodes"],
      why: "It has no option for ticket keys.",
    },
    {
      probes: ["isolation/other-cipher"],
      why:
        "GnuTLS resumes a session of TLS 1.2 with its cipher suite, whether the client offers it or not (RFC 5246, 7.4.1.3).",
      mend: "`--noticket --nodb`, or a priority string of one cipher suite",
      goneIn: "no resumption",
    },
    {
      probes: ["behaviour/fatal-alert"],
      why:
        "gnutls-serv doesn't take a session out of its cache when it gets a fatal alert (RFC 5246, 7.2.2).",
      mend: "`--nodb`",
      goneIn: "no resumption",
    },
    {
      ...RENEGOTIATES,
      mend: "`--noticket --nodb`",
      goneIn: "no resumption",
    },
    {
      probes: ["proof/identity"],
      why:
        "GnuTLS ignores bytes that follow a ticket. Those of the ticket are authenticated.",
      mend: "`--noticket --nodb`",
      goneIn: "no resumption",
    },
    {
      probes: ["early-data/hello-retry-request"],
      why:
        "GnuTLS doesn't skip early data before its HelloRetryRequest, as RFC 8446, 4.2.10 demands: it can't decrypt it, and ends the connection.",
      mend: "no `--earlydata`",
      goneIn: "stock",
    },
    {
      probes: ["early-data/replay"],
      in: ["early data"],
      varies: true,
      why:
        "GnuTLS remembers early data in windows of 10 seconds: a replay at the edge of one is accepted, which an audit meets now and then.",
      mend: "no `--earlydata`",
      goneIn: "stock",
    },
    {
      probes: ["early-data/other-cipher"],
      why:
        "GnuTLS accepts early data whose session has another cipher suite of the same hash.",
      mend: "no `--earlydata`",
      goneIn: "stock",
    },
  ],
  start: async ({ place, port }, { directives, certificates }) =>
    await new Daemon("gnutls-serv", [
      ...["--http", "--quiet", "--port", `${port}`],
      ...["--x509certfile", cert, "--x509keyfile", key],
      ...(certificates ? ["--x509cafile", ca, "--x509crlfile", CRL] : []),
      ...directives,
    ], place).ready(port),
};
