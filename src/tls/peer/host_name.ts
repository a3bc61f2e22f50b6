import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";

/** RFC 1035, 2.3.4: of a label, and of a name in the usual form without the root's dot. */
const MAX_LABEL_LENGTH = 63;
const MAX_NAME_LENGTH = 253;
/** What has another meaning in a URL than as part of its host. */
const NO_HOST = /[\s\0/?#@\\%:[\]<>^|]/;

/** A host as it is asked for, verified and kept sessions by. */
export interface HostName {
  /** In lower case and ASCII; an IP address without brackets. */
  readonly name: string;
  /** Whether it is an IP address, which is no server name (RFC 6066, 3). */
  readonly isAddress: boolean;
  /** What to resolve and connect to: with the root's dot or a zone, if there was one. */
  readonly dialled: string;
}

/**
 * The host that a text names, if it has one meaning: `"localhost."`, `"[::1]"`, `"127.1"`
 * and `"bücher.example"` have, as in a URL.
 *
 * @param path The path of the option, for errors.
 * @throws {TypeError} If it has none: with a port or a scheme, empty or too long.
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
  // The parser of URLs takes no other name whose last label is a number.
  const isAddress = /\.\d+$/.test(name);
  // Tables of hosts have no dots at the end: a resolver may not find this one.
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
