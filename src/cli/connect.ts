import { Command } from "commander";
import type { TlsSession } from "../../mod.ts";
import { type Connection, runConnection } from "./connect/connection.ts";
import { addConnectFlags, type ConnectFlags } from "./connect/flags.ts";
import {
  connectionLine,
  declinedText,
  handshakeText,
  sessionsText,
  summaryText,
} from "./connect/report.ts";
import {
  type ConnectSettings,
  readConnectSettings,
} from "./connect/settings.ts";
import { writeOutputFile } from "./files.ts";
import { withOwnFlags } from "./flags.ts";
import { messageOf } from "./format.ts";
import { toPem } from "./session/pem.ts";

const EXAMPLES = `
The server's certificate is always verified. To connect to a server with a self-signed
certificate, write it to a file (sesame serve --write-cert cert.pem) and pass --ca cert.pem.

The times include the TCP connection. The first one also includes one-time work of the
process.

The report is printed to standard output. With --http, --send or --stdin, the response is
printed there and the report to standard error. Exit codes: 0 for success, 1 for a failure,
2 for an invalid command line.

Examples:
  Show what a server negotiates, and whether it resumes:
    sesame connect example.com --resume 3

  The same with a server of your own (start it in another terminal):
    sesame serve --port 8443 --write-cert cert.pem
    sesame connect localhost:8443 --ca cert.pem --resume 3

  Resume a session with OpenSSL's client, which must request the same name and, in TLS 1.3,
  offer a cipher suite with the session's hash ("session inspect" prints it):
    sesame connect example.com --session-out session.pem \\
      --config Ciphersuites=TLS_AES_256_GCM_SHA384
    openssl s_client -connect example.com:443 -servername example.com \\
      -ciphersuites TLS_AES_256_GCM_SHA384 -sess_in session.pem

  Keep sessions in a store; the second command resumes:
    sesame connect example.com --store sqlite:client.db
    sesame connect example.com --store sqlite:client.db

  A mail server:
    sesame connect mail.example.com --starttls smtp

  Get a page over TLS 1.2:
    sesame connect example.com --max-version 1.2 --http /`;

/** The command `connect`: a client that reports on the handshake. */
export function connectCommand(): Command {
  const command = new Command("connect")
    .description(
      "Connect to a TLS server, verify it, and report what was negotiated, whether a session " +
        "was resumed or why not, and which sessions the server issued.",
    )
    .argument(
      "<host[:port]>",
      "the server; the port is 443 by default",
    );
  return addConnectFlags(command)
    .addHelpText("after", EXAMPLES)
    .action(withOwnFlags(connect));
}

async function connect(target: string, flags: ConnectFlags): Promise<void> {
  await using settings = await readConnectSettings(target, flags);
  // Standard output is for the response, if there is one.
  const print = settings.exchange ? console.error : console.log;
  warnIfExpired(settings.session);
  const first = await runFirst(settings, print);
  const connections = [first];
  let newest = first.sessions.at(-1) ?? settings.session;
  for (let number = 1; number <= flags.resume; number++) {
    // connectTls finds the session in the store by itself.
    const session = settings.store ? undefined : newest;
    const next = await runConnection(settings, session);
    print(connectionLine(number, next, settings.earlyData !== undefined));
    connections.push(next);
    newest = next.sessions.at(-1) ?? newest;
  }
  if (flags.resume > 0) print(summaryText(connections));
  if (flags.sessionOut !== undefined) {
    writeSession(flags.sessionOut, newest);
    print(`Session written to ${flags.sessionOut}`);
  }
}

async function runFirst(
  settings: ConnectSettings,
  print: (text: string) => void,
): Promise<Connection> {
  const first = await runConnection(
    settings,
    settings.session,
    async (info, time) => print(await handshakeText(info, time, Date.now())),
  );
  const reason = declinedText(first.info, settings.session);
  if (reason !== undefined) print(reason);
  print(sessionsText(first.sessions, Date.now()));
  return first;
}

function warnIfExpired(session: TlsSession | undefined): void {
  if (session && session.expiresAt.getTime() <= Date.now()) {
    console.error("Warning: the session of --session-in has expired");
  }
}

function writeSession(path: string, session: TlsSession | undefined): void {
  if (session === undefined) {
    throw new Error(
      `Cannot write ${path}: the server issued no session`,
    );
  }
  try {
    writeOutputFile(path, toPem(session), { isSecret: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Error(`Cannot write --session-out ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
