import { type HostAndPort, parseHostAndPort } from "./host_and_port.ts";
import { UsageError } from "./usage_error.ts";

const HTTPS_PORT = 443;

/**
 * Parses `HOST[:PORT]`, where an IPv6 address with a port is in brackets.
 *
 * @throws {UsageError} If the text has another form.
 */
export function parseTarget(
  text: string,
  defaultPort: number = HTTPS_PORT,
): HostAndPort {
  const target = parseHostAndPort(text, defaultPort) ??
    bareIpv6(text, defaultPort);
  if (target !== undefined && target.port !== 0) return target;
  throw new UsageError(
    `Cannot connect to ${
      JSON.stringify(text)
    }: the target must be HOST or HOST:PORT, ` +
      "such as example.com, localhost:8443 or [::1]:8443",
  );
}

function bareIpv6(text: string, port: number): HostAndPort | undefined {
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)
    ? { hostname: text, port }
    : undefined;
}
