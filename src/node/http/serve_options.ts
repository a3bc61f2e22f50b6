import {
  checkedPort,
  checkFunction,
  checkSignal,
} from "../../internal/option_checks.ts";
import { optionTypeError } from "../../internal/option_error.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { ServeTlsOptions } from "./serve_types.ts";

/** The options of `serveTls`, and of Node's `tls` and `net`, which are passed on. */
const NAMES: Readonly<Record<keyof ServeTlsOptions, true>> = {
  allowHalfOpen: true,
  allowPartialTrustChain: true,
  ALPNCallback: true,
  ALPNProtocols: true,
  blockList: true,
  ca: true,
  cert: true,
  certificateCompression: true,
  ciphers: true,
  clientCertEngine: true,
  crl: true,
  dhparam: true,
  ecdhCurve: true,
  enableTrace: true,
  handshakeTimeout: true,
  highWaterMark: true,
  honorCipherOrder: true,
  hostname: true,
  keepAlive: true,
  keepAliveInitialDelay: true,
  key: true,
  maxVersion: true,
  minVersion: true,
  noDelay: true,
  onError: true,
  onListen: true,
  onUpgrade: true,
  passphrase: true,
  pauseOnConnect: true,
  pfx: true,
  port: true,
  privateKeyEngine: true,
  privateKeyIdentifier: true,
  pskCallback: true,
  pskIdentityHint: true,
  rejectUnauthorized: true,
  requestCert: true,
  secureOptions: true,
  secureProtocol: true,
  sessionIdContext: true,
  sessions: true,
  sessionTimeout: true,
  sigalgs: true,
  signal: true,
  SNICallback: true,
  ticketKeys: true,
};

/**
 * The options of `serveTls`, as they are from then on. Node's modules take no notice of names
 * that they don't know; a server would then listen without what was meant.
 *
 * @throws {TypeError} If an option has a wrong name or type, or there is no certificate.
 * @throws {RangeError} If the port is out of its range.
 */
export function serveOptionsOf(options: ServeTlsOptions): ServeTlsOptions {
  const own = ownOptions(options, NAMES, { of: "serveTls" });
  const { port, signal, onListen, onError, onUpgrade } = own;
  if (port !== undefined) checkedPort(port);
  checkSignal(signal);
  for (
    const [name, value] of Object.entries({ onListen, onError, onUpgrade })
  ) checkFunction(value, name);
  checkCertificate(own);
  return own;
}

/** What has no certificate listens, and fails every handshake. */
function checkCertificate(
  { cert, key, pfx, pskCallback, SNICallback }: ServeTlsOptions,
): void {
  if (pfx || pskCallback || SNICallback) return;
  for (const [name, value] of Object.entries({ cert, key })) {
    if (value) continue;
    throw optionTypeError(
      name,
      "is missing: a server needs cert and key, pfx, SNICallback or pskCallback",
    );
  }
}
