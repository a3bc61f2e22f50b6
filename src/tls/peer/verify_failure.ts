import {
  X509_V_ERR_HOSTNAME_MISMATCH,
  X509_V_ERR_IP_ADDRESS_MISMATCH,
} from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { verifyErrorName } from "../../libssl/verify_error.ts";
import { isForHost, WITH_COMMON_NAME } from "./host_check.ts";
import type { HostName } from "./host_name.ts";

const NID_SUBJECT_ALT_NAME = 85;
/** A certificate may have thousands of names. */
const MAX_NAMES_LENGTH = 200;

/** Why the certificate of a peer was refused. */
export interface VerifyFailure {
  /** For people. */
  readonly message: string;
  /** The name of the verification error, such as `"CERT_HAS_EXPIRED"`. */
  readonly verifyError: string | undefined;
}

/**
 * Describes the result of a verification that failed.
 *
 * @param host The host that a client asked for.
 */
export function verifyFailure(
  libssl: Libssl,
  ssl: SSL,
  result: number,
  host: HostName | undefined,
): VerifyFailure {
  const isMismatch = result === X509_V_ERR_HOSTNAME_MISMATCH ||
    result === X509_V_ERR_IP_ADDRESS_MISMATCH;
  return {
    message: `Cannot trust the peer's certificate: ${
      libssl.X509_verify_cert_error_string(result)
    }${isMismatch && host ? `: ${mismatch(libssl, ssl, host)}` : ""}`,
    verifyError: verifyErrorName(result),
  };
}

/** The names of the certificate, and the one that was expected. */
function mismatch(libssl: Libssl, ssl: SSL, host: HostName): string {
  const [leaf] = libssl.SSL_get_peer_cert_chain(ssl) ?? [];
  if (!leaf) return `expected ${host.name}`;
  // Only the subject's common name names the host.
  if (isForHost(libssl, leaf, host, WITH_COMMON_NAME)) {
    return `${host.name} is only the common name of its subject, which options.allowCommonName accepts (RFC 9525)`;
  }
  const names = libssl.X509_get_ext_text(leaf, NID_SUBJECT_ALT_NAME);
  return names === null
    ? `expected ${host.name}, but it has no subject alternative names`
    : `expected ${host.name}, but it is for ${printable(names)}`;
}

/** The peer's text must not steer a terminal or fill a log. */
function printable(names: string): string {
  const text = names.slice(0, MAX_NAMES_LENGTH).replaceAll(/[^ -~]/g, "?");
  return names.length > MAX_NAMES_LENGTH ? `${text}...` : text;
}
