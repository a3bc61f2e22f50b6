import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";

/** The limits of RFC 1035, section 2.3.4, for names without the dot of the root. */
const MAX_LABEL_LENGTH = 63;
const MAX_NAME_LENGTH = 253;
/** Characters that end the host of a URL or are not allowed in it. */
const NO_HOST = /[\s\0/?#@\\%:[\]<>^|]/;

/** A host name or IP address. */
export interface HostName {
  /** In lower case and ASCII; an IP address without brackets. */
  readonly name: string;
  /** Whether it is an IP address, which is not sent as a server name (RFC 6066, section 3). */
  readonly isAddress: boolean;
  /** What to resolve and connect to: with the dot of the root or a zone, if given. */
  readonly dialled: string;
}

/**
 * Parses a host name or IP address as the host of a URL: `"localhost."`, `"[::1]"`, `"127.1"`
 * and `"bücher.example"` are accepted.
 *
 * @param path The path of the option, for errors.
 * @throws {TypeError} If it is neither: with a port or a scheme, empty or too long.
 */
export function parseHostName(
  text: string | undefined,
  path: OptionPath | string = "hostname",
): HostName {
  const host = typeof text !== "string"
    ? undefined
    : text.includes(":")
    ? ipv6(text)
    : nameOrIpv4(text);
  if (host) return host;
  throw optionTypeError(
    path,
    `must be a host name or IP address, without scheme or port, received ${
      received(text)
    }`,
  );
}

function ipv6(text: string): HostName | undefined {
  const [, bracketed, bare, zone = ""] =
    /^(?:\[([\da-f:.]+)\]|([\da-f:.]+)(%[\w.~-]+)?)$/i.exec(text) ?? [];
  const hostname = urlHost(`[${bracketed ?? bare}]`);
  if (hostname === undefined) return undefined;
  const name = hostname.slice(1, -1);
  return { name, isAddress: true, dialled: name + zone };
}

function nameOrIpv4(text: string): HostName | undefined {
  if (NO_HOST.test(text)) return undefined;
  const hostname = urlHost(text);
  if (hostname === undefined) return undefined;
  const name = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  if (!isName(name)) return undefined;
  // URLs have no other hosts whose last label is a number.
  const isAddress = /\.\d+$/.test(name);
  // Hosts files have no final dots: a resolver may not find this one.
  const isLocal = /(^|\.)localhost$/.test(name);
  return { name, isAddress, dialled: isAddress || isLocal ? name : hostname };
}

function urlHost(text: string): string | undefined {
  const url = URL.canParse(`https://${text}`) && new URL(`https://${text}`);
  return url ? url.hostname : undefined;
}

function isName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH &&
    name.split(".").every((label) =>
      /^[a-z\d_-]+$/.test(label) && label.length <= MAX_LABEL_LENGTH
    );
}
