/** A host and a port to listen on or to connect to. */
export interface HostAndPort {
  /** The host name or IP address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

const MAX_PORT = 65_535;

/**
 * Parses `HOST:PORT`, with an IPv6 address in brackets; `undefined` for any other text. The
 * port is from 0 to 65535. A missing one is `defaultPort`, where given.
 */
export function parseHostAndPort(
  text: string,
  defaultPort?: number,
): HostAndPort | undefined {
  const [, bracketed, plain, digits = defaultPort] =
    /^(?:\[([0-9a-f:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const hostname = bracketed ?? plain;
  if (hostname === undefined || digits === undefined) return undefined;
  return Number(digits) <= MAX_PORT
    ? { hostname, port: Number(digits) }
    : undefined;
}

/** The text that {@linkcode parseHostAndPort} parses. */
export function formatHostAndPort({ hostname, port }: HostAndPort): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/**
 * A host name or IP address as the host of a URL has it: in lower case, international names in
 * ASCII, and IPv6 addresses in their short form, without brackets; `undefined` if the text is
 * neither.
 */
export function canonicalHost(text: string): string | undefined {
  if (/[\s/?#@]/.test(text)) return undefined;
  const isBareIpv6 = text.includes(":") && !text.startsWith("[");
  const url = URL.parse(`https://${isBareIpv6 ? `[${text}]` : text}`);
  return url === null || url.port !== ""
    ? undefined
    : url.hostname.replace(/^\[(.*)\]$/, "$1");
}
