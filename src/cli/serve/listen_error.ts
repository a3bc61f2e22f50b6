import { messageOf } from "../format.ts";
import { formatHostAndPort, type HostAndPort } from "../host_and_port.ts";

/**
 * The error for an address that can't be listened on. A missing permission is returned
 * unchanged: `main.ts` explains it.
 */
export function listenError(
  addr: HostAndPort,
  cause: unknown,
  option = "",
): unknown {
  if (cause instanceof Deno.errors.NotCapable) return cause;
  return new Error(
    `Cannot listen on ${formatHostAndPort(addr)}${option}: ${messageOf(cause)}`,
    { cause },
  );
}
