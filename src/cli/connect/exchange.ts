import type { TlsSocket } from "../../tls/socket/socket.ts";
import { OutputClosed } from "../output_closed.ts";
import { UsageError } from "../usage_error.ts";

/** What to send, and whether the server is told that this is all. */
export type Exchange =
  | { readonly kind: "request" | "all"; readonly data: Uint8Array }
  | { readonly kind: "stdin" };

/** Sends, and prints what comes until the server is done. */
export async function runExchange(
  socket: TlsSocket,
  exchange: Exchange,
): Promise<void> {
  const stopped = new AbortController();
  const sending = send(socket, exchange, stopped.signal);
  // The server may end first: that isn't for the sender to complain about.
  sending.catch(() => {});
  try {
    await socket.readable.pipeTo(Deno.stdout.writable, { preventClose: true });
  } catch (error) {
    // A read doesn't fail like this: it's the other end.
    throw OutputClosed.from(error);
  } finally {
    stopped.abort();
  }
}

/**
 * A request for a path.
 *
 * @throws {UsageError} If it isn't one.
 */
export function getRequest(
  path: string,
  hostname: string,
  port: number,
): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    throw new UsageError(
      `--http must be a path such as /index.html, received ${
        JSON.stringify(path)
      }`,
    );
  }
  const name = hostname.includes(":") ? `[${hostname}]` : hostname;
  const host = port === 443 ? name : `${name}:${port}`;
  return new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: sesame\r\n` +
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
  // Many a web server drops its answer when the client says goodbye first.
  if (exchange.kind === "all") await writer.close();
}
