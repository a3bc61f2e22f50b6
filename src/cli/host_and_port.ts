/** Where something listens. */
export interface HostAndPort {
  /** The name or address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

const MAX_PORT = 65_535;

/**
 * Reads `HOST:PORT`, with an IPv6 address in brackets: `undefined` for all else. The port
 * is 0 to 65535; where there is none, it is `port`, if that is given.
 */
export function parseHostAndPort(
  text: string,
  port?: number,
): HostAndPort | undefined {
  const [, bracketed, plain, digits = port] =
    /^(?:\[([0-9a-f:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const hostname = bracketed ?? plain;
  if (hostname === undefined || digits === undefined) return undefined;
  return Number(digits) <= MAX_PORT
    ? { hostname, port: Number(digits) }
    : undefined;
}
