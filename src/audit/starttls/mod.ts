import { received } from "../../internal/received.ts";
import { checkCarrier } from "../../tls/socket/carrier.ts";
import type { TlsTransport } from "../../tls/socket/transport.ts";
import { Deadline } from "../client/deadline.ts";
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

/** The longest time of a timer. */
const MAX_TIMEOUT = 0x7fff_ffff;

const ASKING: Readonly<
  Record<StartTlsProtocol, (conversation: Conversation) => Promise<void>>
> = { smtp, imap, pop3, ftp, postgres, mysql, ldap };

/**
 * Asks a server for TLS in its own protocol, as a client. When the promise resolves, the next
 * byte on the transport is TLS, and its streams aren't locked. If it rejects for another reason
 * than its arguments, the transport is ended.
 *
 * @example What the server of a protocol is asked with
 * ```ts
 * import { askForTls } from "@sesame/tls/audit";
 * import { createTransportPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { client, server } = createTransportPair();
 * const asked = askForTls(client, "pop3", 1_000);
 * const writer = server.writable.getWriter();
 * await writer.write(new TextEncoder().encode("+OK ready\r\n"));
 * const { value } = await server.readable.getReader().read();
 * assertEquals(new TextDecoder().decode(value), "STLS\r\n");
 * await writer.write(new TextEncoder().encode("+OK begin\r\n"));
 * await asked; // from here on it is startTls's
 * ```
 *
 * @param timeout How long it may take in all, in milliseconds.
 * @param signal Ends it early.
 * @throws {TypeError} If there is no such protocol, `transport` is none or is in use, or
 * `signal` is none.
 * @throws {RangeError} If `timeout` is no number of a timer.
 * @throws {TlsError} `protocol`, if the server doesn't offer TLS or answers something else;
 * `timeout`, `truncated` or `transport`, if its answer doesn't come.
 * @throws The reason of `signal`, if it is aborted.
 */
export async function askForTls(
  transport: TlsTransport,
  protocol: StartTlsProtocol,
  timeout: number,
  signal?: AbortSignal,
): Promise<void> {
  checkCarrier(transport);
  if (!Object.hasOwn(ASKING, protocol)) {
    throw new TypeError(
      `protocol must be one of ${Object.keys(ASKING).join(", ")}, received ${
        received(protocol)
      }`,
    );
  }
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw new RangeError(
      `timeout must be above 0 and at most ${MAX_TIMEOUT}, received ${
        received(timeout)
      }`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(
      `signal must be an AbortSignal, received ${received(signal)}`,
    );
  }
  await askInTime(
    transport,
    protocol,
    new Deadline("Asking for TLS", timeout, signal),
  );
}

/** Does what {@linkcode askForTls} does within a deadline, which may have started before. */
export async function askInTime(
  transport: TlsTransport,
  protocol: StartTlsProtocol,
  deadline: Deadline,
): Promise<void> {
  const conversation = new Conversation(
    transport,
    protocol,
    deadline.of(`Cannot start TLS by ${protocol}: the server`),
  );
  try {
    await ASKING[protocol](conversation);
    conversation.end();
  } catch (error) {
    conversation.abort(error);
    throw error;
  }
}
