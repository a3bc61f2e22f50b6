import { TlsError } from "../../internal/tls_error.ts";
import type { TlsSocketInfo } from "../../tls/socket/socket_core.ts";
import { failureText, printable } from "../format.ts";
import { resumptionText } from "./words.ts";

/** How long a connection took, and what went wrong with it. */
export interface ConnectionEnd {
  readonly handshakeMs: number;
  readonly totalMs: number;
  readonly failure: unknown;
}

/** A line about a connection that has ended. */
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
    ...(failure === undefined ? [] : [`(${failureText(failure)})`]),
  ].join(" ");
}

/** A line about a connection whose handshake failed. */
export function failedHandshakeLine(
  error: unknown,
  remoteAddress: string | null,
  age: number,
): string {
  const alert = error instanceof TlsError && error.alert
    ? ` (alert ${error.alert})`
    : "";
  return `${remoteAddress ?? "-"}: after ${ms(age)}: ${
    failureText(error)
  }${alert}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)}ms`;
}
