import { formatAddress } from "../../internal/address.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import type { TlsTransport } from "./transport.ts";

/** Room for a TLS record (RFC 5246, section 6.2.3), while there is as much to read. */
const READ_BYTES = 5 + 16_384 + 2_048;
/** Room for a hello or a request: what a connection has that waits for its peer. */
const IDLE_READ_BYTES = 2_048;

/**
 * Streams over a connection's methods. Its own streams won't do: closing its `writable`
 * ends reading too, and its `readable` reads ahead.
 */
export function connTransport(conn: TcpConnection): TlsTransport {
  // A record should leave at once: the peer can't read half of it.
  conn.setNoDelay(true);
  return {
    ...connStreams(conn),
    remoteAddress: formatAddress(conn.remoteAddr),
    localAddress: formatAddress(conn.localAddr),
  };
}

function connStreams(
  conn: TcpConnection,
): Pick<TlsTransport, "readable" | "writable"> {
  const open = new Set(["reading", "writing"]);
  const end = (...directions: string[]): void => {
    if (open.size === 0) return;
    for (const direction of directions) open.delete(direction);
    if (open.size === 0) conn.close();
  };
  const destroy = (): void => end("reading", "writing");

  let size = IDLE_READ_BYTES;
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      try {
        const buffer = new Uint8Array(size);
        const count = await conn.read(buffer);
        if (count !== null) {
          size = count < IDLE_READ_BYTES ? IDLE_READ_BYTES : READ_BYTES;
          controller.enqueue(buffer.subarray(0, count));
          return;
        }
        controller.close();
        end("reading");
      } catch (error) {
        destroy();
        throw error;
      }
    },
    cancel: destroy,
  }, { highWaterMark: 0 });

  const writable = new WritableStream<Uint8Array>({
    start(controller): void {
      // An abort waits for the write under way: this ends it.
      controller.signal.addEventListener("abort", destroy);
    },
    async write(chunk): Promise<void> {
      try {
        for (let at = 0; at < chunk.length;) {
          at += await conn.write(chunk.subarray(at));
        }
      } catch (error) {
        end("writing");
        throw error;
      }
    },
    async close(): Promise<void> {
      try {
        await conn.closeWrite();
      } finally {
        end("writing");
      }
    },
    abort: destroy,
  });
  return { readable, writable };
}
