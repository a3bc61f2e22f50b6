import { Command, Option } from "commander";
import { CONFIG_HELP } from "./config_help.ts";
import { addCredentialOptions } from "./credentials.ts";
import { withOwnFlags } from "./own_flags.ts";
import { addStoreOptions } from "./open_store.ts";
import {
  assignments,
  count,
  countOrNone,
  hostAndPort,
  more,
  names,
  port,
  portWithHost,
  seconds,
  secondsOrNone,
  tickets,
  version,
} from "./arguments.ts";
import type { ServeFlags } from "./serve/flags.ts";

const EXAMPLES = `
Examples:
  A page that tells how the connection came about, under a throw-away certificate:
    sesame serve --write-cert cert.pem
    curl --cacert cert.pem https://localhost:8443/

  Two servers that share their sessions, in a terminal each, and a client that
  crosses over in a third:
    sesame serve --port 8443 --store sqlite:sessions.db
    sesame serve --port 8444 --store sqlite:sessions.db
    echo "GET /" | openssl s_client -quiet -connect localhost:8443 -sess_out s.pem
    echo "GET /" | openssl s_client -quiet -connect localhost:8444 -sess_in s.pem

  TLS in front of a plain server, on two threads, with figures for Prometheus:
    sesame serve --forward localhost:8080 --workers 2 --metrics 9100

  TLS 1.3 alone, with one cipher suite and one ticket for each client:
    sesame serve --min-version 1.3 --config Ciphersuites=TLS_AES_128_GCM_SHA256 --num-tickets 1

  An echo, whose every connection is told in a line:
    sesame serve --echo --log

The first line on standard output is "Listening on HOST:PORT". SIGINT and SIGTERM let
open connections end; a second one doesn't. SIGHUP has the files of --cert, --key, --pfx,
--ca, --crl and --session-id-key-file read anew, for new connections.`;

/** The command `serve`: a TLS server. */
export function serveCommand(): Command {
  const command = new Command("serve").description(
    "Serve TLS over TCP, with its sessions in a store: answer HTTP with what the " +
      "handshake came to, echo, or forward to a plain server.",
  );
  addService(command);
  addNetwork(command);
  addCertificate(command);
  addProtocol(command);
  addSessions(command);
  addOutput(command);
  command.addHelpText("after", EXAMPLES);
  return command.action(withOwnFlags(async (flags: ServeFlags) => {
    // The rest of the command line does without OpenSSL, which takes its time to load.
    const { serve } = await import("./serve/serve.ts");
    await serve(flags);
  }));
}

function addService(command: Command): void {
  command.optionsGroup("What it answers:")
    .addOption(
      new Option("--http", "a page about the connection (default)")
        .conflicts(["echo", "forward"]),
    )
    .addOption(
      new Option("--echo", "what it hears").conflicts(["http", "forward"]),
    )
    .addOption(
      new Option("--forward <host:port>", "what a plain TCP server there says")
        .argParser(hostAndPort).conflicts(["http", "echo"]),
    )
    .addOption(
      new Option("--connect-timeout <seconds>", "time to reach that server")
        .argParser(seconds).default(5_000, "5"),
    );
}

function addNetwork(command: Command): void {
  command.optionsGroup("Network:")
    .option("--host <address>", "the interface to listen on", "127.0.0.1")
    .addOption(
      new Option("--port <port>", "the port; 0 for any that is free")
        .argParser(port).default(8443),
    )
    .addOption(
      new Option(
        "--workers <n>",
        "threads, with an OpenSSL each (more than 1: Linux only)",
      ).argParser(count).default(1),
    )
    .addOption(
      new Option(
        "--max-connections <n>",
        "how many are served at a time, in equal parts for all workers; others wait outside, and handshakes under way don't count (default: no limit)",
      ).argParser(count),
    )
    .addOption(
      new Option("--handshake-timeout <seconds>", "how long one may take")
        .argParser(seconds).default(10_000, "10"),
    )
    .addOption(
      new Option(
        "--idle-timeout <seconds>",
        "ends connections where nothing moves; 0 for never",
      ).argParser(secondsOrNone).default(300_000, "300"),
    )
    .addOption(
      new Option(
        "--drain-timeout <seconds>",
        "how long open connections may go on after SIGINT or SIGTERM",
      ).argParser(secondsOrNone).default(10_000, "10"),
    );
}

function addCertificate(command: Command): void {
  command.optionsGroup("Certificates (PEM files):");
  addCredentialOptions(command, {
    cert: "the certificate, its chain after it (default: a throw-away one)",
    key: "its private key",
  })
    .option(
      "--hostname <name>",
      "a name or address for the throw-away certificate, may come again (default: localhost, 127.0.0.1, ::1)",
      more,
    )
    .option(
      "--write-cert <file>",
      "where to put the throw-away certificate, for clients to trust",
    )
    .addOption(
      new Option("--client-auth <policy>", "the client's certificate")
        .choices(["none", "request", "require"]).default("none"),
    )
    .option("--ca <file>", "whom to trust for clients; repeatable", more)
    .option(
      "--no-ca-names",
      "don't tell clients whose certificates are asked for",
    );
}

function addProtocol(command: Command): void {
  command.optionsGroup("Protocol:")
    .option(
      "--alpn <names>",
      "application protocols between commas, the preferred one first",
      names,
    )
    .addOption(
      new Option("--min-version <version>", "1.0, 1.1, 1.2 or 1.3")
        .argParser(version).default("TLSv1.2"),
    )
    .addOption(
      new Option("--max-version <version>", "1.0, 1.1, 1.2 or 1.3")
        .argParser(version).default("TLSv1.3"),
    )
    .addOption(
      new Option(
        "--dhparam <choice>",
        "parameters for the DHE cipher suites of TLS 1.2",
      ).choices(["auto", "none"]).default("auto"),
    )
    .option(
      "--config <name=value>",
      `${CONFIG_HELP}; may come again`,
      assignments,
    );
}

function addSessions(command: Command): void {
  command.optionsGroup("Sessions:");
  addStoreOptions(command);
  command
    .addOption(
      new Option("--tickets <kind>", "in the store, with the client, or none")
        .choices(["stateful", "stateless", "off"]).default("stateful"),
    )
    .addOption(
      new Option("--num-tickets <n>", "for each TLS 1.3 client (default: 2)")
        .argParser(tickets),
    )
    .addOption(
      new Option("--session-timeout <seconds>", "their lifetime")
        .argParser(count).default(7200),
    )
    .addOption(
      new Option(
        "--max-session-age <seconds>",
        "how long they, and what succeeds them, stand for one full handshake",
      ).argParser(count).default(86_400),
    )
    .option("--single-use", "TLS 1.3 sessions resume once")
    .addOption(
      new Option(
        "--max-early-data <bytes>",
        "0-RTT data that they allow (more than 0: --single-use)",
      ).argParser(countOrNone).default(0),
    )
    .option(
      "--session-id-key-file <file>",
      "keys, one a line as in --encrypt-key-file: session ids without a proof by one never reach the store",
    )
    .addOption(
      new Option(
        "--tag <what>",
        "what `store revoke --tag` finds sessions by: the name asked for, the client certificate's subject (such as O=Example,CN=alice), or the client's address",
      )
        .choices(["sni", "subject", "address"]),
    )
    .addOption(
      new Option(
        "--commit <when>",
        "whether clients hear of a session once the store has it, or at once",
      ).choices(["before-flight", "background"]).default("before-flight"),
    )
    .addOption(
      new Option("--lookup-timeout <ms>", "how long the store may search")
        .argParser(count).default(200),
    )
    .addOption(
      new Option("--write-timeout <ms>", "how long it may hold a client back")
        .argParser(count).default(1000),
    );
}

function addOutput(command: Command): void {
  command.optionsGroup("Output:")
    .option("--log", "a line for each connection, on standard output")
    .option("--quiet", "only errors, and where it listens")
    .addOption(
      new Option(
        "--metrics <[host:]port>",
        "figures for Prometheus at /metrics, and /healthz; 0 for any port",
      ).argParser(portWithHost),
    )
    .option(
      "--keylog <file>",
      "appends the keys of all connections (SSLKEYLOGFILE format): who has them reads everything",
    );
}
