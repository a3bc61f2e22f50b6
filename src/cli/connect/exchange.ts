import type { TlsSocket } from "../../../mod.ts";
import { formatHostAndPort, type HostAndPort } from "../host_and_port.ts";
import { OutputClosed } from "../output_closed.ts";
import { UsageError } from "../usage_error.ts";

const HTTPS_PORT = 443;

/** The data to send. After `"all"`, the client sends close_notify. */
export type Exchange =
  | { readonly kind: "request" | "all"; readonly data: Uint8Array }
  | { readonly kind: "stdin" };

/** Sends the data, and prints the response until the server ends it. */
export async function runExchange(
  socket: TlsSocket,
  exchange: Exchange,
): Promise<void> {
  const stopped = new AbortController();
  const sending = send(socket, exchange, stopped.signal);
  // A server may end before it has read everything: reading reports how.
  sending.catch(() => {});
  try {
    await socket.readable.pipeTo(Deno.stdout.writable, { preventClose: true });
  } catch (error) {
    // Only writing to standard output fails with a broken pipe.
    throw OutputClosed.from(error);
  } finally {
    stopped.abort();
  }
}

/**
 * An HTTP request for a path.
 *
 * @throws {UsageError} If the path has characters that a request line can't have.
 */
export function httpRequest(path: string, host: HostAndPort): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    throw new UsageError(
      `--http must be a path such as /index.html, received ${
        JSON.stringify(path)
      }`,
    );
  }
  const address = formatHostAndPort(host);
  const authority = host.port === HTTPS_PORT
    ? address.slice(0, -`:${HTTPS_PORT}`.length)
    : address;
  return new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: sesame\r\n` +
      "Accept: */*\r\nConnection: close\r\n\r\n",
  );
}

async function send(
  socket: TlsSocket,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<void> {
  if (exchange.kind === "stdin") {
    const options = { signal, preventAbort: true };
    await Deno.stdin.readable.pipeTo(socket.writable, options);
    return;
  }
  const writer = socket.writable.getWriter();
  await writer.write(exchange.data);
  // Many web servers drop their response when the client sends close_notify first.
  if (exchange.kind === "all") await writer.close();
}
