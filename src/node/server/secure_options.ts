import { createHash } from "node:crypto";
import process from "node:process";
import type { SecureContextOptions } from "../context/options.ts";

/** Options that count only if they are truthy, and those that are passed on as they are. */
const IF_GIVEN = [
  "ca",
  "cert",
  "ciphers",
  "clientCertEngine",
  "crl",
  "dhparam",
  "key",
  "maxVersion",
  "minVersion",
  "passphrase",
  "pfx",
  "secureOptions",
  "secureProtocol",
] as const;
const COPIED = [
  "allowPartialTrustChain",
  "certificateCompression",
  "ecdhCurve",
  "privateKeyEngine",
  "privateKeyIdentifier",
  "sigalgs",
] as const;

/** The options that a server keeps when its context is replaced. */
type KeptOptions = Pick<SecureContextOptions, "sessionTimeout" | "ticketKeys">;

/** The options of a server's context: those of its own, and what it has of a context before. */
export function secureOptionsOf(
  options: SecureContextOptions,
  before: KeptOptions,
): SecureContextOptions & { sessionIdContext: string } {
  return {
    ...Object.fromEntries(
      IF_GIVEN.map((name) => [name, options[name] || undefined]),
    ),
    ...Object.fromEntries(COPIED.map((name) => [name, options[name]])),
    honorCipherOrder: options.honorCipherOrder === undefined ||
      Boolean(options.honorCipherOrder),
    sessionIdContext: options.sessionIdContext || defaultSessionIdContext(),
    sessionTimeout: options.sessionTimeout || before.sessionTimeout,
    ticketKeys: options.ticketKeys || before.ticketKeys,
  };
}

/** The same for all processes of a program: 128 bits of its command line's hash. */
function defaultSessionIdContext(): string {
  return createHash("sha1").update(process.argv.join(" ")).digest("hex")
    .slice(0, 32);
}
