import { TlsError, type TlsSocketInfo } from "../../../mod.ts";
import { errorText, printable } from "../format.ts";
import { resumptionText } from "./resumption_text.ts";

/** The times of a connection, and its failure, if any. */
export interface ConnectionEnd {
  readonly handshakeMs: number;
  readonly totalMs: number;
  readonly failure: unknown;
}

/** The log line of a connection that has ended. */
export function connectionLine(
  info: TlsSocketInfo,
  { handshakeMs, totalMs, failure }: ConnectionEnd,
): string {
  const { remoteAddress, serverName, alpnProtocol } = info;
  return [
    `${remoteAddress}:`,
    info.protocol,
    info.cipher,
    `sni=${printable(serverName ?? "-")}`,
    `alpn=${printable(alpnProtocol ?? "-")}`,
    `handshake=${ms(handshakeMs)}`,
    `total=${ms(totalMs)}`,
    resumptionText(info.resumption),
    ...(failure === undefined ? [] : [`(${errorText(failure)})`]),
  ].join(" ");
}

/** The log line of a connection whose handshake failed. */
export function failedHandshakeLine(
  error: unknown,
  remoteAddress: string | null,
  age: number,
): string {
  const alert = error instanceof TlsError && error.alert
    ? ` (alert ${error.alert})`
    : "";
  return `${remoteAddress ?? "-"}: after ${ms(age)}: ${
    errorText(error)
  }${alert}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)}ms`;
}
