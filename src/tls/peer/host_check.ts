import {
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
} from "../../libssl/constants.ts";
import type { SSL, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { HostName } from "./host_name.ts";

/** How names match where the subject's common name is looked at, too. */
const WITH_COMMON_NAME = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

/** How names match (RFC 9525, 2 and 6.3): `X509_CHECK_FLAG_*`. */
export function hostFlags(allowsCommonName: boolean): number {
  return allowsCommonName
    ? WITH_COMMON_NAME
    : WITH_COMMON_NAME | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
}

/** Has a client's connection refuse certificates that aren't for `host`: whether that is set. */
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

/** What to say of a server's certificate that isn't for `host`, but was before RFC 9525. */
export function commonNameHint(
  libssl: Libssl,
  ssl: SSL,
  host: HostName,
): string {
  const [leaf] = libssl.SSL_get_peer_cert_chain(ssl) ?? [];
  if (!leaf || !isForHost(libssl, leaf, host, WITH_COMMON_NAME)) return "";
  return " (only the common name of its subject is this host's, which doesn't count (RFC 9525): " +
    "options.allowCommonName lets it count)";
}
