import {
  optionError,
  optionMessage,
  optionName,
  type OptionPath,
  optionTypeError,
} from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { TlsError } from "../internal/tls_error.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import type { TlsCertificateOptions } from "../tls/context/context_options.ts";
import { setCertificates } from "../tls/context/credentials.ts";
import { allocated } from "../tls/errors/openssl_error.ts";
import type { AuditOptions } from "./options.ts";

/** The options of one client certificate. */
export type CredentialNames =
  | readonly ["cert", "key"]
  | readonly ["otherCert", "otherKey"];

/**
 * A client certificate of the options, if there is one.
 *
 * @throws {TypeError} If it is without a key, or one of both isn't a string.
 * @throws {TlsError} `certificate`, if it can't be read, or the key isn't the certificate's.
 */
export function credentialOf(
  options: AuditOptions,
  names: CredentialNames,
): TlsCertificateOptions | undefined {
  const [certName, keyName] = names;
  const { [certName]: cert, [keyName]: key, passphrase } = options;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [missing, given] = cert === undefined
      ? [certName, keyName]
      : [keyName, certName];
    throw optionTypeError(
      missing,
      (nameOf) => `must be given with ${nameOf([given])}`,
    );
  }
  for (const name of names) {
    if (typeof options[name] === "string") continue;
    throw optionTypeError(
      name,
      `must be a string, received ${received(options[name])}`,
    );
  }
  const own = { cert, key, ...(passphrase !== undefined && { passphrase }) };
  checkReadable(own, names);
  return own;
}

/** Has OpenSSL read it, so that the audit fails before it connects. */
function checkReadable(
  own: TlsCertificateOptions,
  [cert, key]: CredentialNames,
): void {
  const { libssl } = OpenSSL.default;
  const ctx = allocated(libssl.SSL_CTX_new(libssl.TLS_method()), "a context");
  const renamed = ([name = "", ...rest]: OptionPath): OptionPath => [
    name === "cert" ? cert : name === "key" ? key : name,
    ...rest,
  ];
  try {
    setCertificates(libssl, ctx, own);
  } catch (error) {
    const isMessage = optionMessage(error, optionName) !== undefined;
    if (!(error instanceof TlsError) || !isMessage) throw error;
    const { code, reason, optionPath = [] } = error;
    throw optionError(
      renamed(optionPath),
      (nameOf) => optionMessage(error, (path) => nameOf(renamed(path))) ?? "",
      (message, optionPath) =>
        new TlsError(code, message, { reason, optionPath, cause: error }),
    );
  } finally {
    libssl.SSL_CTX_free(ctx);
  }
}
