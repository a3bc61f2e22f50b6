import { formatAddress } from "../../internal/address.ts";
import { reasonOf } from "../format.ts";
import type { HostAndPort } from "../host_and_port.ts";

/** What to throw if it can't be listened. The program explains missing permissions. */
export function cannotListen(
  addr: HostAndPort,
  error: unknown,
  what = "",
): unknown {
  if (error instanceof Deno.errors.NotCapable) return error;
  return new Error(
    `Cannot listen on ${formatAddress(addr)}${what}: ${reasonOf(error)}`,
    { cause: error },
  );
}
