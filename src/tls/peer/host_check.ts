import {
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
} from "../../libssl/constants.ts";
import type { SSL, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { HostName } from "./host_name.ts";

/** The flags with which the common name of the subject is compared, too. */
export const WITH_COMMON_NAME = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

/** The `X509_CHECK_FLAG_*` of a comparison of names (RFC 9525, sections 2 and 6.3). */
export function hostFlags(allowsCommonName: boolean): number {
  return allowsCommonName
    ? WITH_COMMON_NAME
    : WITH_COMMON_NAME | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
}

/**
 * Has a client's connection ask for `host`, unless it is an address, and refuse certificates
 * that aren't for it.
 *
 * @returns Whether OpenSSL had memory for it.
 */
export function requireHost(
  libssl: Libssl,
  ssl: SSL,
  { name, isAddress }: HostName,
  flags: number,
): boolean {
  libssl.SSL_set_hostflags(ssl, flags);
  return libssl.SSL_set1_host(ssl, name) === 1 &&
    (isAddress || libssl.SSL_set_tlsext_host_name(ssl, name) === 1);
}

/** Whether a certificate is for `host`. */
export function isForHost(
  libssl: Libssl,
  cert: X509,
  { name, isAddress }: HostName,
  flags: number,
): boolean {
  return isAddress
    ? libssl.X509_check_ip_asc(cert, name, flags) === 1
    : libssl.X509_check_host(cert, name, flags) === 1;
}
