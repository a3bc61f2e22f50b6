import process from "node:process";
import type { NodeConnection } from "../connection/node_connection.ts";

/** The kinds of messages by their content types. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [20, "ChangeCipherSpec"],
  [21, "Alert"],
  [22, "Handshake"],
  [23, "ApplicationData"],
]);
/** Record headers, and the types inside of encrypted records. */
const FIRST_PSEUDO_TYPE = 0x100;

/** Writes a line for each message of a connection to stderr, with its bytes in hex. */
export function traceMessages({ libssl, ssl }: NodeConnection): void {
  libssl.SSL_set_msg_callback(ssl, (written, version, type, bytes) => {
    if (type >= FIRST_PSEUDO_TYPE) return;
    const direction = written ? "Sent" : "Received";
    const kind = KINDS.get(type) ?? `type ${type}`;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
    process.stderr.write(
      `${direction} TLS 0x${version.toString(16)} ${kind}, ` +
        `Length=${bytes.length}\n    ${hex.join("")}\n`,
    );
  });
}
