import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import {
  type AltNameError,
  altNameInvalid,
  tlsError,
} from "../errors/tls_errors.ts";
import { canonicalAddress } from "./ip_address.ts";
import type { PeerCertificate } from "./types.ts";

/** What may be a JSON string, at the start of a text. */
const QUOTED = /^"(?:[^"\\]|\\.)*"/s;
const SEPARATOR = ", ";
/** What isn't visible ASCII has no place in a name that is matched. */
const NOT_VISIBLE = /[^\u0021-\u007f]/;
const NOT_ASCII = /[^\u0020-\u007f]/;
/** Fewer labels under a wildcard would be all hosts of a top-level domain. */
const MIN_WILDCARD_LABELS = 3;

/**
 * Whether a certificate is that of a host (RFC 6125; RFC 2818, section 3.1): the check of clients
 * by default.
 *
 * @param hostname The host name or IP address.
 * @param cert The certificate: of its fields only `subject` and `subjectaltname` count.
 * @returns `undefined` if it is, or the error `ERR_TLS_CERT_ALTNAME_INVALID`.
 * @throws {SyntaxError} `ERR_TLS_CERT_ALTNAME_FORMAT`, if `subjectaltname` has an escape without
 * an end.
 *
 * @example A certificate of other hosts
 * ```ts
 * import { checkServerIdentity } from "@sesame/tls/node";
 * import { assertEquals } from "@std/assert";
 *
 * const cert = { subjectaltname: "DNS:*.example.com" };
 * assertEquals(checkServerIdentity("www.example.com", cert), undefined);
 * const error = checkServerIdentity("example.org", cert);
 * assertEquals(error?.code, "ERR_TLS_CERT_ALTNAME_INVALID");
 * ```
 */
export function checkServerIdentity(
  hostname: string,
  cert: Partial<Pick<PeerCertificate, "subject" | "subjectaltname">>,
): AltNameError | undefined {
  const name = `${hostname}`;
  const host = withoutDot(name);
  const { subject, subjectaltname } = cert;
  const names = subjectaltname ? splitNames(subjectaltname) : [];
  const hosts = namesOf(names, "DNS:");
  const reason = isIP(host)
    ? addressMismatch(host, namesOf(names, "IP Address:").map(canonicalAddress))
    : hosts.length > 0
    ? !hosts.some((pattern) => matches(name, pattern)) &&
      `Host: ${host}. is not in the cert's altnames: ${subjectaltname}`
    // Only without names of hosts does the common name count.
    : subject?.CN
    ? ![subject.CN].flat().some((pattern) => matches(name, pattern)) &&
      `Host: ${host}. is not cert's CN: ${subject.CN}`
    : "Cert does not contain a DNS name";
  return reason ? altNameInvalid(reason, host, cert) : undefined;
}

function addressMismatch(
  host: string,
  addresses: readonly (string | undefined)[],
): string | false {
  return !addresses.includes(canonicalAddress(host)) &&
    `IP: ${host} is not in the cert's list: ${addresses.join(SEPARATOR)}`;
}

function namesOf(names: readonly string[], kind: string): string[] {
  return names.filter((name) => name.startsWith(kind)).map((name) =>
    name.slice(kind.length)
  );
}

/** The names of a list, of which any may be a JSON string behind its kind. */
function splitNames(text: string): string[] {
  if (!text.includes('"')) return text.split(SEPARATOR);
  const names: string[] = [];
  let name = "";
  for (let rest = text;;) {
    const end = rest.search(/[",]/);
    if (end < 0) return [...names, name + rest];
    name += rest.slice(0, end);
    rest = rest.slice(end);
    if (rest.startsWith(",")) {
      names.push(name);
      name = "";
      rest = rest.slice(SEPARATOR.length);
    } else {
      const [quoted = ""] = QUOTED.exec(rest) ?? [];
      name += unquoted(quoted);
      rest = rest.slice(quoted.length);
    }
  }
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text);
  } catch {
    throw tlsError("ERR_TLS_CERT_ALTNAME_FORMAT");
  }
}

/** Whether a host is meant by a name, whose first label may have a `*` for a part of it. */
function matches(hostname: string, pattern: string | undefined): boolean {
  if (!pattern) return false;
  // Of names in ASCII runtimes make different things.
  const ascii = NOT_ASCII.test(hostname) ? domainToASCII(hostname) : hostname;
  const host = labelsOf(ascii);
  const labels = labelsOf(pattern);
  if (
    host.length !== labels.length ||
    labels.some((label) => label === "" || NOT_VISIBLE.test(label)) ||
    host.slice(1).some((label, i) => label !== labels[i + 1])
  ) return false;
  const [first = ""] = host;
  const [wanted = ""] = labels;
  const [prefix = "", suffix, ...more] = wanted.split("*");
  // What stands for a name in Unicode is matched as it is (RFC 6125, section 6.4.3).
  if (suffix === undefined || wanted.includes("xn--")) return first === wanted;
  return more.length === 0 && labels.length >= MIN_WILDCARD_LABELS &&
    first.length >= prefix.length + suffix.length &&
    first.startsWith(prefix) && first.endsWith(suffix);
}

function labelsOf(name: string): string[] {
  // Not toLowerCase(), which changes more than ASCII.
  return withoutDot(name).replace(
    /[A-Z]/g,
    (letter) => letter.toLowerCase(),
  ).split(".");
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
