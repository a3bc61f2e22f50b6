import { Deferred } from "../../internal/deferred.ts";
import type { TlsTransport } from "../../tls/socket/transport.ts";
import { Conversation } from "./conversation.ts";
import { ftp } from "./ftp.ts";
import { imap } from "./imap.ts";
import { ldap } from "./ldap.ts";
import { mysql } from "./mysql.ts";
import { pop3 } from "./pop3.ts";
import { postgres } from "./postgres.ts";
import { smtp } from "./smtp.ts";

/** A protocol that begins without TLS, and asks for it. */
export type StartTlsProtocol =
  | "smtp"
  | "imap"
  | "pop3"
  | "ftp"
  | "postgres"
  | "mysql"
  | "ldap";

/** The protocols that can be asked for TLS, each with the port of its servers. */
export const startTlsPorts: Readonly<Record<StartTlsProtocol, number>> = Object
  .freeze({
    smtp: 25,
    imap: 143,
    pop3: 110,
    ftp: 21,
    postgres: 5_432,
    mysql: 3_306,
    ldap: 389,
  });

const ASKING: Readonly<
  Record<StartTlsProtocol, (conversation: Conversation) => Promise<void>>
> = { smtp, imap, pop3, ftp, postgres, mysql, ldap };

/**
 * Asks a server for TLS in its own protocol, as a client. When the promise resolves, the next
 * byte on the transport is TLS, and its streams aren't locked. If it rejects, the transport is
 * ended.
 *
 * @param timeout How long it may take in all, in milliseconds.
 * @throws {TlsError} `protocol`, if the server doesn't offer TLS or answers something else;
 * `timeout`, `truncated` or `transport`, if its answer doesn't come.
 */
export async function askForTls(
  transport: TlsTransport,
  protocol: StartTlsProtocol,
  timeout: number,
): Promise<void> {
  const deadline = new Deferred<never>();
  const conversation = new Conversation(transport, protocol, deadline.promise);
  const timer = setTimeout(() => {
    const what = `the server took longer than ${timeout} ms`;
    deadline.reject(conversation.failure(what, { code: "timeout" }));
  }, timeout);
  try {
    await ASKING[protocol](conversation);
    conversation.end();
  } catch (error) {
    conversation.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
