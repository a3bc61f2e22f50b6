import { UsageError } from "../usage_error.ts";

const HTTPS_PORT = 443;

/** Whom to connect to. */
export interface Target {
  /** A name or an address. */
  readonly hostname: string;
  readonly port: number;
}

/**
 * The target of `HOST[:PORT]`; an IPv6 address with a port is in brackets.
 *
 * @throws {UsageError} If the text is none.
 */
export function parseTarget(text: string): Target {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.%]+)\]|([^\s:/@[\]]+))(?::(\d+))?$/i.exec(text) ?? [];
  const hostname = bracketed ?? plain ?? bareIpv6(text);
  const port = digits === undefined ? HTTPS_PORT : Number(digits);
  if (hostname === undefined || port < 1 || port > 65_535) {
    throw new UsageError(
      `Cannot connect to ${
        JSON.stringify(text)
      }: it must be HOST or HOST:PORT, ` +
        "such as example.com, localhost:8443 or [::1]:8443",
    );
  }
  return { hostname, port };
}

function bareIpv6(text: string): string | undefined {
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? text : undefined;
}
