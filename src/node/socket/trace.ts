import process from "node:process";
import { commandLine } from "../command_line.ts";
import type { NodeConnection } from "../connection/node_connection.ts";

/** The content type by which the callback gets a record's header (SSL_CTX_set_msg_callback(3)). */
const HEADER = 0x100;
const HANDSHAKE = 22;

/** The content types. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [20, "ChangeCipherSpec"],
  [21, "Alert"],
  [22, "Handshake"],
  [23, "ApplicationData"],
]);

/** The messages of handshakes by their types. */
const MESSAGES: ReadonlyMap<number, string> = new Map([
  [0, "HelloRequest"],
  [1, "ClientHello"],
  [2, "ServerHello"],
  [4, "NewSessionTicket"],
  [5, "EndOfEarlyData"],
  [8, "EncryptedExtensions"],
  [11, "Certificate"],
  [12, "ServerKeyExchange"],
  [13, "CertificateRequest"],
  [14, "ServerHelloDone"],
  [15, "CertificateVerify"],
  [16, "ClientKeyExchange"],
  [20, "Finished"],
  [22, "CertificateStatus"],
  [24, "KeyUpdate"],
]);

let hasWarned = false;

/** Traces a connection by an option or by Node's command line, which warns of it. */
export function trace(connection: NodeConnection): void {
  traceMessages(connection);
  if (!commandLine.traces || hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    "Enabling --trace-tls can expose sensitive data in the resulting log.",
  );
}

/** Writes the records and messages of a connection to stderr, messages with their bytes in hex. */
export function traceMessages({ libssl, ssl }: NodeConnection): void {
  libssl.SSL_set_msg_callback(ssl, (written, _version, type, bytes) => {
    const lines = type === HEADER
      ? headerLines(written, bytes)
      : messageLines(type, bytes);
    process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  });
}

function headerLines(written: number, header: Uint8Array): string[] {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = header;
  return [
    `${written ? "Sent" : "Received"} TLS Record`,
    "Header:",
    `  Version = 0x${(major << 8 | minor).toString(16)}`,
    `  Content Type = ${nameOf(TYPES, type)}`,
    `  Length = ${high << 8 | low}`,
  ];
}

function messageLines(type: number, bytes: Uint8Array): string[] {
  // The type inside of an encrypted record.
  if (type > HEADER) {
    return [`  Inner Content Type = ${nameOf(TYPES, bytes[0] ?? 0)}`];
  }
  const name = type === HANDSHAKE
    ? nameOf(MESSAGES, bytes[0] ?? 0)
    : nameOf(TYPES, type);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  return [`    ${name}, Length=${bytes.length}`, `      ${hex.join("")}`];
}

function nameOf(names: ReadonlyMap<number, string>, number: number): string {
  return `${names.get(number) ?? "unknown"} (${number})`;
}
