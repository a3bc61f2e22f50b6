import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";

/** A request of `node:http` or of `node:http2`. */
export type Incoming = IncomingMessage | Http2ServerRequest;

/** A request that isn't worth a handler's time. */
export class BadRequest extends Error {
  /** The status to answer with. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "BadRequest";
    this.status = status;
  }
}

/** What `Request` refuses (Fetch Standard, "forbidden method"). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set([
  "CONNECT",
  "TRACE",
  "TRACK",
]);
/** A host and a port, without what would make it another part of a URL. */
const AUTHORITY = /^[^\s/?#@\\]+$/;

/**
 * The `Request` of what came in. Its body is read as fast as the handler reads it.
 *
 * @throws {BadRequest} If there is no such `Request`.
 */
export function requestOf(incoming: Incoming, signal: AbortSignal): Request {
  const method = incoming.method ?? "GET";
  if (FORBIDDEN_METHODS.has(method)) {
    throw new BadRequest(501, `No handler takes ${method}`);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    return new Request(urlOf(incoming), {
      method,
      headers: headersOf(incoming),
      signal,
      ...(hasBody && { body: bodyOf(incoming), duplex: "half" }),
    } as RequestInit);
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    throw new BadRequest(400, (error as Error).message);
  }
}

function urlOf({ headers, url = "/", socket }: Incoming): string {
  const authority = String(
    headers[":authority"] ?? headers.host ??
      `${socket.localAddress}:${socket.localPort}`,
  );
  if (!AUTHORITY.test(authority)) throw new BadRequest(400, "A bad host");
  if (url.startsWith("/")) return `https://${authority}${url}`;
  if (url === "*") return `https://${authority}/*`;
  // The absolute form is for proxies, but servers must take it (RFC 9112, 3.2.2).
  const { pathname, search } = new URL(url);
  return `https://${authority}${pathname}${search}`;
}

function headersOf({ rawHeaders }: Incoming): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    // Those of HTTP/2 that aren't headers are in the URL.
    if (!name.startsWith(":")) headers.append(name, rawHeaders[i + 1] ?? "");
  }
  return headers;
}

/** What comes in as a stream; it fails if the client leaves before its end. */
function bodyOf(incoming: Incoming): ReadableStream<Uint8Array> {
  let isDone = false;
  return new ReadableStream<Uint8Array>({
    start(controller): void {
      const fail = (error?: Error): void => {
        if (isDone) return;
        isDone = true;
        controller.error(error ?? new Error("The client has left"));
      };
      incoming.on("data", (chunk: Uint8Array) => {
        if (isDone) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      incoming.on("end", () => {
        if (isDone) return;
        isDone = true;
        controller.close();
      });
      incoming.on("error", fail);
      incoming.on("aborted", fail);
      incoming.on("close", fail);
      incoming.pause();
    },
    pull(): void {
      incoming.resume();
    },
    cancel(): void {
      isDone = true;
    },
  }, { highWaterMark: 0 });
}
