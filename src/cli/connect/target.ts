import { type HostAndPort, parseHostAndPort } from "../host_and_port.ts";
import { type HostName, parseHostName } from "../../tls/peer/host_name.ts";
import { reasonOf } from "../format.ts";
import { UsageError } from "../usage_error.ts";

const HTTPS_PORT = 443;

/**
 * The target of `HOST[:PORT]`; an IPv6 address with a port is in brackets.
 *
 * @throws {UsageError} If the text is none.
 */
export function parseTarget(text: string): HostAndPort {
  const target = parseHostAndPort(text, HTTPS_PORT) ?? bareIpv6(text);
  if (target === undefined || target.port === 0) {
    throw new UsageError(
      `Cannot connect to ${
        JSON.stringify(text)
      }: it must be HOST or HOST:PORT, ` +
        "such as example.com, localhost:8443 or [::1]:8443",
    );
  }
  const { dialled } = hostNameOf(target.hostname, "the host");
  return { hostname: dialled, port: target.port };
}

/**
 * The host that a text names.
 *
 * @throws {UsageError} If it names none.
 */
export function hostNameOf(text: string, what: string): HostName {
  try {
    return parseHostName(text, what);
  } catch (error) {
    throw new UsageError(reasonOf(error), { cause: error });
  }
}

function bareIpv6(text: string): HostAndPort | undefined {
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)
    ? { hostname: text, port: HTTPS_PORT }
    : undefined;
}
