import { Buffer } from "node:buffer";
import { contextError } from "../errors/openssl_errors.ts";
import type { NodeConnection as Connection } from "../connection/node_connection.ts";

/** What is asked of a connection. */
type NodeConnection = Pick<Connection, "libssl" | "ssl">;

/** A Finished message that was sent or received, if there is one. */
export function finishedOf(
  { libssl, ssl }: NodeConnection,
  isPeer: boolean,
): Buffer | undefined {
  const finished = isPeer
    ? libssl.SSL_get_peer_finished(ssl)
    : libssl.SSL_get_finished(ssl);
  return finished.length > 0 ? Buffer.from(finished) : undefined;
}

/** The session of a connection, in DER. */
export function sessionOf({ libssl, ssl }: NodeConnection): Buffer | undefined {
  const session = libssl.SSL_get_session(ssl);
  const der = session && libssl.i2d_SSL_SESSION(session);
  return der ? Buffer.from(der) : undefined;
}

/** The ticket of a client's session: of that in DER, if it is given. */
export function ticketOf(
  { libssl, ssl }: NodeConnection,
  der?: Uint8Array,
): Buffer | undefined {
  const given = der && libssl.d2i_SSL_SESSION(der);
  const session = given ?? libssl.SSL_get_session(ssl);
  if (session === null) return undefined;
  const ticket = libssl.SSL_SESSION_get0_ticket(session);
  if (given) libssl.SSL_SESSION_free(given);
  return ticket.length > 0 ? Buffer.from(ticket) : undefined;
}

/** Proposes a session. */
export function proposeSession(
  { libssl, ssl }: NodeConnection,
  der: Uint8Array,
): void {
  libssl.ERR_clear_error();
  const session = libssl.d2i_SSL_SESSION(der);
  libssl.ERR_clear_error();
  if (session === null) return;
  libssl.SSL_set_session(ssl, session);
  libssl.SSL_SESSION_free(session);
}

/** Key material that both ends derive alike. */
export function exportOf(
  { libssl, ssl }: NodeConnection,
  length: number,
  label: string,
  context: ArrayBufferView | undefined,
): Buffer {
  libssl.ERR_clear_error();
  const material = libssl.SSL_export_keying_material(
    ssl,
    length,
    label,
    context === undefined
      ? null
      : new Uint8Array(context.buffer, context.byteOffset, context.byteLength),
  );
  if (material === null) throw contextError(libssl);
  return Buffer.from(material);
}
