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
import { withCertificates } from "../tls/context/pem.ts";
import { allocated } from "../tls/errors/openssl_error.ts";
import { certificateDigest } from "./certificate_digest.ts";
import type { AuditOptions } from "./options.ts";

/** The client certificates of an audit. */
export interface Credentials {
  readonly certificate: TlsCertificateOptions | undefined;
  readonly otherCertificate: TlsCertificateOptions | undefined;
}

/** The options of one client certificate. */
type CredentialNames =
  | readonly ["cert", "key"]
  | readonly ["otherCert", "otherKey"];

/**
 * The client certificates of the options, as far as there are some.
 *
 * @throws {TypeError} If one is without a key, one of both isn't a string, or both certificates
 * are the same: probes would take one client for two.
 * @throws {TlsError} `certificate`, if one can't be read, or the key isn't the certificate's.
 */
export function credentialsOf(options: AuditOptions): Credentials {
  const certificate = credentialOf(options, ["cert", "key"]);
  const otherCertificate = credentialOf(options, ["otherCert", "otherKey"]);
  if (
    certificate && otherCertificate &&
    leafDigest(certificate) === leafDigest(otherCertificate)
  ) {
    throw optionTypeError(
      "otherCert",
      (nameOf) => `must be another certificate than ${nameOf(["cert"])}`,
    );
  }
  return { certificate, otherCertificate };
}

/** The digest of the certificate itself, without its chain. */
function leafDigest({ cert = "" }: TlsCertificateOptions): string {
  const { libssl } = OpenSSL.default;
  return withCertificates(
    libssl,
    cert,
    ["cert"],
    ([leaf]) => certificateDigest(libssl, leaf),
  );
}

/** A client certificate of the options, if there is one. */
function credentialOf(
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
