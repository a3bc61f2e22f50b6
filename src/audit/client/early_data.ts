import {
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_NOT_SENT,
} from "../../libssl/constants.ts";
import type { ClientConnection, ConnectionParts } from "./client_connection.ts";
import type { Visit } from "./visit_types.ts";

/** The most data of one record. */
const MAX_RECORD = 2 ** 14;

/**
 * Sends early data before the handshake: OpenSSL takes what fits the record layer, and then the
 * rest.
 */
export async function sendEarlyData(
  connection: ClientConnection,
  { libssl, ssl }: Pick<ConnectionParts, "libssl" | "ssl">,
  data: Uint8Array,
): Promise<void> {
  for (let at = 0; at < data.length;) {
    const written = { value: 0 };
    const part = data.subarray(at, at + MAX_RECORD);
    const driven = await connection.drive(
      () => libssl.SSL_write_early_data(ssl, part, written),
      null,
    );
    if (driven !== "done") return;
    at += written.value;
  }
}

/** Whether early data was sent on a connection, and accepted. */
export function earlyDataStatus(
  { libssl, ssl }: Pick<ConnectionParts, "libssl" | "ssl">,
): Visit["earlyData"] {
  const status = libssl.SSL_get_early_data_status(ssl);
  if (status === SSL_EARLY_DATA_ACCEPTED) return "accepted";
  return status === SSL_EARLY_DATA_NOT_SENT ? "not sent" : "rejected";
}
