import { Command, Option } from "commander";
import {
  assignments,
  count,
  countOrZero,
  hostAndPort,
  names,
  port,
  portWithHost,
  repeated,
  seconds,
  secondsOrZero,
  tickets,
  version,
  workers,
} from "./arguments.ts";
import { addCredentialOptions } from "./credentials.ts";
import { CONFIG_HELP, MAX_CERT_LIST_HELP, withOwnFlags } from "./flags.ts";
import { addStoreOptions } from "./open_store.ts";
import type { ServeFlags } from "./serve/flags.ts";

const EXAMPLES = `
Examples:
  Serve a page about the connection, with a self-signed certificate:
    sesame serve --write-cert cert.pem
    curl --cacert cert.pem https://localhost:8443/

  Two servers that share a session store, and a client that resumes at the second one
  (three terminals):
    sesame serve --port 8443 --store sqlite:sessions.db
    sesame serve --port 8444 --store sqlite:sessions.db
    echo "GET /" | openssl s_client -quiet -connect localhost:8443 -sess_out s.pem
    echo "GET /" | openssl s_client -quiet -connect localhost:8444 -sess_in s.pem

  Terminate TLS for a plain TCP server, on two threads, with metrics for Prometheus:
    sesame serve --forward localhost:8080 --workers 2 --metrics 9100

  TLS 1.3 only, with one cipher suite and one ticket for each client:
    sesame serve --min-version 1.3 --config Ciphersuites=TLS_AES_128_GCM_SHA256 --num-tickets 1

  Request client certificates after the handshake, and from clients that support it:
    sesame serve --client-auth require --post-handshake-auth --ca ca.pem
    sesame connect localhost:8443 --cert me.pem --key me.key --post-handshake-auth --http /

  Echo, with a line in the log for each connection:
    sesame serve --echo --log

The first line on standard output is "Listening on HOST:PORT". After SIGINT or SIGTERM no
connections are accepted, and open ones may end; a second signal ends them. SIGHUP reloads
the files of --cert, --key, --pfx, --ca, --crl and --session-id-key-file for new connections.`;

/** The command `serve`: a TLS server. */
export function serveCommand(): Command {
  const command = new Command("serve").description(
    "Serve TLS over TCP with sessions in a store: answer HTTP requests with a page about the " +
      "connection, echo, or forward to a plain TCP server.",
  );
  addService(command);
  addNetwork(command);
  addCertificate(command);
  addProtocol(command);
  addSessions(command);
  addOutput(command);
  command.addHelpText("after", EXAMPLES);
  return command.action(withOwnFlags(async (flags: ServeFlags) => {
    // The other commands don't need it.
    const { serve } = await import("./serve/serve.ts");
    await serve(flags);
  }));
}

function addService(command: Command): void {
  command.optionsGroup("Service:")
    .addOption(
      new Option("--http", "serve a page about the connection (default)")
        .conflicts(["echo", "forward"]),
    )
    .addOption(
      new Option("--echo", "send back what is received")
        .conflicts(["http", "forward"]),
    )
    .addOption(
      new Option("--forward <host:port>", "forward to a plain TCP server")
        .argParser(hostAndPort).conflicts(["http", "echo"]),
    )
    .addOption(
      new Option(
        "--connect-timeout <seconds>",
        "the time limit of connecting to that server",
      ).argParser(seconds).default(5_000, "5"),
    );
}

function addNetwork(command: Command): void {
  command.optionsGroup("Network:")
    .option("--host <address>", "the interface to listen on", "127.0.0.1")
    .addOption(
      new Option("--port <port>", "the port; 0 for any free port")
        .argParser(port).default(8443),
    )
    .addOption(
      new Option(
        "--workers <n>",
        "the number of threads, each with its own OpenSSL, at most 256 (more than 1: Linux only)",
      ).argParser(workers).default(1),
    )
    .addOption(
      new Option(
        "--max-connections <n>",
        "the most open connections, divided evenly between workers; further ones wait in the backlog, and pending handshakes don't count (default: no limit)",
      ).argParser(count),
    )
    .addOption(
      new Option(
        "--handshake-timeout <seconds>",
        "the time limit of a handshake",
      ).argParser(seconds).default(10_000, "10"),
    )
    .addOption(
      new Option(
        "--idle-timeout <seconds>",
        "close connections without data for this long; 0 for never",
      ).argParser(secondsOrZero).default(300_000, "300"),
    )
    .addOption(
      new Option(
        "--drain-timeout <seconds>",
        "how long open connections may continue after SIGINT or SIGTERM",
      ).argParser(secondsOrZero).default(10_000, "10"),
    );
}

function addCertificate(command: Command): void {
  command.optionsGroup("Certificates (PEM files):");
  addCredentialOptions(command, {
    cert:
      "the certificate with its chain (default: a new self-signed certificate)",
    key: "the private key of --cert",
  })
    .option(
      "--hostname <name>",
      "a host name or IP address for the self-signed certificate; repeatable (default: localhost, 127.0.0.1, ::1)",
      repeated,
    )
    .option(
      "--write-cert <file>",
      "write the self-signed certificate to a file, for clients to trust",
    )
    .addOption(
      new Option(
        "--client-auth <policy>",
        "whether to request or require a client certificate",
      ).choices(["none", "request", "require"]).default("none"),
    )
    .option(
      "--post-handshake-auth",
      "request the certificate of --client-auth after the handshake instead of during it (TLS 1.3)",
    )
    .option(
      "--ca <file>",
      "verify client certificates with these CA certificates; repeatable",
      repeated,
    )
    .option(
      "--no-ca-names",
      "don't send the names of these CAs with the request for a certificate",
    )
    .addOption(
      new Option("--max-cert-list <bytes>", MAX_CERT_LIST_HELP)
        .argParser(count),
    );
}

function addProtocol(command: Command): void {
  command.optionsGroup("Protocol:")
    .option(
      "--alpn <names>",
      "application protocols separated by commas, the preferred one first",
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
        "the parameters of the DHE cipher suites of TLS 1.2",
      ).choices(["auto", "none"]).default("auto"),
    )
    .option("--config <name=value>", CONFIG_HELP, assignments);
}

function addSessions(command: Command): void {
  command.optionsGroup("Sessions:");
  addStoreOptions(command);
  command
    .addOption(
      new Option(
        "--tickets <kind>",
        "stateful: sessions are in the store; stateless: clients keep them, encrypted; off: no resumption",
      ).choices(["stateful", "stateless", "off"]).default("stateful"),
    )
    .addOption(
      new Option(
        "--num-tickets <n>",
        "the tickets for each full TLS 1.3 handshake (default: 2)",
      ).argParser(tickets),
    )
    .addOption(
      new Option("--session-timeout <seconds>", "the lifetime of a session")
        .argParser(count).default(7200),
    )
    .addOption(
      new Option(
        "--max-session-age <seconds>",
        "how long after a full handshake its session, and those that succeed it, can be resumed",
      ).argParser(count).default(86_400),
    )
    .option("--single-use", "a TLS 1.3 session can be resumed once")
    .addOption(
      new Option(
        "--max-early-data <bytes>",
        "the early data (0-RTT) that a session allows; needs --single-use",
      ).argParser(countOrZero).default(0),
    )
    .option(
      "--session-id-key-file <file>",
      "authenticate session ids with these keys, one in each line as in --encrypt-key-file: other ids are not looked up",
    )
    .addOption(
      new Option(
        "--tag <what>",
        "tag sessions, for `store revoke --tag`, with the server name, the client certificate's subject (such as O=Example,CN=alice), or the client's address",
      ).choices(["sni", "subject", "address"]),
    )
    .addOption(
      new Option(
        "--commit <when>",
        "send a session's ticket after the store has the session, or at once",
      ).choices(["before-flight", "background"]).default("before-flight"),
    )
    .addOption(
      new Option("--lookup-timeout <ms>", "the time limit of a look-up")
        .argParser(count).default(200),
    )
    .addOption(
      new Option(
        "--write-timeout <ms>",
        "how long a write to the store may delay a connection",
      ).argParser(count).default(1000),
    );
}

function addOutput(command: Command): void {
  command.optionsGroup("Output:")
    .option("--log", "print a line for each connection to standard output")
    .option("--quiet", "print only errors and the address")
    .addOption(
      new Option(
        "--metrics <[host:]port>",
        "serve metrics for Prometheus at /metrics, and /healthz; 0 for any free port",
      ).argParser(portWithHost),
    )
    .option(
      "--keylog <file>",
      "append the secrets of all connections (SSLKEYLOGFILE format); they decrypt recorded traffic",
    );
}
