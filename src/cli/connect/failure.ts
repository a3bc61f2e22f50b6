import type { TlsError } from "../../internal/tls_error.ts";
import { formatAddress } from "../../internal/address.ts";
import { reasonOf } from "../format.ts";
import { inFlags } from "../in_flags.ts";
import type { HostAndPort } from "../host_and_port.ts";

/** What OpenSSL's words mean for whoever typed the command, the first that fits. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /self.signed|unable to get local issuer|unable to verify/,
    "to trust it, name its certificate or authority with --ca FILE (sesame serve --write-cert FILE writes one)",
  ],
  [
    /(hostname|IP address) mismatch(?! \()/,
    "the certificate is for another name: --servername NAME asks for and verifies that one",
  ],
  [
    /has expired|not yet valid/,
    "the server needs a new certificate, or this machine the right time",
  ],
  [
    /no application protocol/,
    "the server speaks none of those: try --alpn h2,http/1.1",
  ],
  [
    /certificate.required|bad.certificate|unknown ca|handshake.failure/,
    "the server may want a certificate (--cert and --key), or another version or cipher",
  ],
  [
    /protocol version|unsupported protocol|no protocols available/,
    "try other versions: --min-version and --max-version",
  ],
];

/** What ended a connection, and what to do about it. */
export function explainedTls(error: TlsError): Error {
  const advice = adviceFor(error);
  return new Error(
    inFlags(error.message) + (advice === undefined ? "" : `; ${advice}`),
    { cause: error },
  );
}

/** Why there is no connection at all. */
export function explainedTcp(error: unknown, target: HostAndPort): unknown {
  // The program says how to allow it.
  if (error instanceof Deno.errors.NotCapable) return error;
  const address = formatAddress(target);
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new Error(`Nobody listens on ${address}`, { cause: error });
  }
  return new Error(reasonOf(error), { cause: error });
}

function adviceFor({ code, message }: TlsError): string | undefined {
  if (code === "timeout") return "--timeout SECONDS allows it more time";
  if (code === "truncated") {
    return message.includes("handshake")
      ? "the server hung up: it may want another version or no TLS at all"
      : "the server ended without a goodbye (close_notify): there may have been more";
  }
  return ADVICE.find(([words]) => words.test(message))?.[1];
}
