import { Command } from "commander";
import type { TlsSession } from "../tls/sessions/session.ts";
import { addConnectFlags, type ConnectFlags } from "./connect/flags.ts";
import { makePlan, type Plan } from "./connect/plan.ts";
import {
  declineText,
  handshakeText,
  sessionsText,
  summaryText,
  visitLine,
} from "./connect/report.ts";
import { type Visit, visit } from "./connect/visit.ts";
import { reasonOf } from "./format.ts";
import { writeOwnFile } from "./own_file.ts";
import { withOwnFlags } from "./own_flags.ts";
import { toPem } from "./session/session_file.ts";

const EXAMPLES = `
There is no way to skip the verification of the server. For one with a throw-away
certificate: sesame serve --write-cert cert.pem, and then --ca cert.pem here.

The times have TCP in them, and the first one also what a process does only once.

The report goes to standard output, and where --http, --send or --stdin fill that
with what the server says, to standard error. Exit codes: 0 if it worked, 1 if it
failed, 2 if the command can't be understood.

Examples:
  What does a server negotiate, and does it resume?
    sesame connect example.com --resume 3

  The same at home (the first line in another terminal):
    sesame serve --port 8443 --write-cert cert.pem
    sesame connect localhost:8443 --ca cert.pem --resume 3

  A session that crosses over to OpenSSL's own client. That must ask for the same name
  and, in TLS 1.3, for a cipher with the hash of the session's ("session inspect" shows it):
    sesame connect example.com --session-out session.pem \\
      --config Ciphersuites=TLS_AES_256_GCM_SHA384
    openssl s_client -connect example.com:443 -servername example.com \\
      -ciphersuites TLS_AES_256_GCM_SHA384 -sess_in session.pem

  Sessions that outlive the command: the second time it resumes:
    sesame connect example.com --store sqlite:client.db
    sesame connect example.com --store sqlite:client.db

  A page, by TLS 1.2:
    sesame connect example.com --max-version 1.2 --http /`;

/** `connect`: a client that shows the handshake. */
export function connectCommand(): Command {
  const command = new Command("connect")
    .description(
      "Connect to a TLS server, verify it, and show what was negotiated: whether a session " +
        "was resumed, or why not, and what sessions the server gives.",
    )
    .argument(
      "<host[:port]>",
      "whom to connect to; the port is 443 by default",
    );
  return addConnectFlags(command)
    .addHelpText("after", EXAMPLES)
    .action(withOwnFlags(connect));
}

async function connect(target: string, flags: ConnectFlags): Promise<void> {
  await using plan = await makePlan(target, flags);
  // What the server says must not be mixed with what is said of it.
  const say = plan.exchange ? console.error : console.log;
  warnOfExpired(plan.session);
  const first = await firstVisit(plan, say);
  const visits = [first];
  let newest = first.sessions.at(-1) ?? plan.session;
  for (let number = 1; number <= flags.resume; number++) {
    // connectTls finds it by itself in a store.
    const next = await visit(plan, plan.store ? undefined : newest);
    say(visitLine(number, next, plan.earlyData !== undefined));
    visits.push(next);
    newest = next.sessions.at(-1) ?? newest;
  }
  if (flags.resume > 0) say(summaryText(visits));
  if (flags.sessionOut !== undefined) {
    writeSession(flags.sessionOut, newest);
    say(`Session written to ${flags.sessionOut}`);
  }
}

async function firstVisit(
  plan: Plan,
  say: (text: string) => void,
): Promise<Visit> {
  const first = await visit(
    plan,
    plan.session,
    async (info, time) => say(await handshakeText(info, time, Date.now())),
  );
  const hint = declineText(first.info, plan.session);
  if (hint !== undefined) say(hint);
  say(sessionsText(first.sessions, Date.now()));
  return first;
}

function warnOfExpired(session: TlsSession | undefined): void {
  if (session && session.expiresAt.getTime() <= Date.now()) {
    console.error("Warning: the session of --session-in has expired");
  }
}

function writeSession(path: string, session: TlsSession | undefined): void {
  if (session === undefined) {
    throw new Error(
      `Cannot write ${path}: the server has given no session to resume`,
    );
  }
  try {
    writeOwnFile(path, toPem(session), { isSecret: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Error(`Cannot write --session-out ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
