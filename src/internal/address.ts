/** A host and a port. */
export interface HostPort {
  /** The host name or IP address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** An address as in a URL, such as `"192.0.2.1:443"` or `"[2001:db8::1]:443"`. */
export function formatAddress({ hostname, port }: HostPort): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** The host and port of an address that {@linkcode formatAddress} wrote, if it is one. */
export function parseAddress(address: string): HostPort | undefined {
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  const hostname = bracketed ?? plain;
  return hostname === undefined ? undefined : { hostname, port: Number(port) };
}
