import { formatAddress, type HostPort } from "../../internal/address.ts";
import { TlsError } from "../../internal/tls_error.ts";
import { parseHostName } from "../peer/host_name.ts";
import type { TlsTransport } from "../socket/transport.ts";
import { netError } from "./net_error.ts";

/** The most addresses of a name. */
const MAX_ADDRESSES = 16;

/**
 * Connects by TCP.
 *
 * @param address Where to, as it is dialled.
 * @param timeout How long it may take, in milliseconds.
 * @throws {TlsError} `timeout`, if it takes longer; the reason of the signal; and Deno's errors
 * with the fields of `NetErrorFields`.
 */
export async function connectTcp(
  address: HostPort,
  timeout: number,
  signal?: AbortSignal,
): Promise<Deno.TcpConn> {
  const what = `Cannot connect to ${formatAddress(address)}`;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new TlsError("timeout", `${what}: it took longer than ${timeout} ms`),
    );
  }, timeout);
  const signals = signal ? [signal, controller.signal] : [controller.signal];
  const any = AbortSignal.any(signals);
  try {
    return await Deno.connect({ ...address, signal: any });
  } catch (error) {
    throw any.aborted ? any.reason : netError(error, "connect", address);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A connection as a transport whose direction to the server can end, or fail, before the other
 * one: the streams of Deno's connection close both, and with them what was still to be read.
 */
export function halfClosable(conn: Deno.TcpConn): TlsTransport {
  return {
    readable: conn.readable,
    writable: new WritableStream({
      async write(bytes: Uint8Array): Promise<void> {
        for (let at = 0; at < bytes.length;) {
          at += await conn.write(bytes.subarray(at));
        }
      },
      close: () => conn.closeWrite(),
      abort(): void {
        try {
          conn.close();
        } catch {
          // It is closed.
        }
      },
    }),
  };
}

/**
 * The addresses of a host by DNS, in an order that is always the same: those of IPv4 if there
 * are some. It is the host itself if it is an address or DNS doesn't know it.
 */
export async function addressesOf(
  hostname: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { isAddress, dialled, name } = parseHostName(hostname);
  if (isAddress || !name.includes(".")) return [dialled];
  for (const type of ["A", "AAAA"] as const) {
    const found = await resolved(dialled, type, signal);
    if (found.length > 0) return found.sort().slice(0, MAX_ADDRESSES);
  }
  return [dialled];
}

async function resolved(
  name: string,
  type: "A" | "AAAA",
  signal: AbortSignal | undefined,
): Promise<string[]> {
  try {
    return await Deno.resolveDns(name, type, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable) throw error;
    // The system's resolver has other ways.
    return [];
  }
}
