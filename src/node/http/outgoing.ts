import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { setImmediate } from "node:timers";
import type { Incoming } from "./incoming.ts";

/** A response of `node:http` or of `node:http2`. */
export type Outgoing = ServerResponse | Http2ServerResponse;

/** Headers of a connection, which are the server's, and no part of HTTP/2 (RFC 9113, 8.2.2). */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
/** As much of a request's body as is read after the response, to keep the connection. */
const MAX_DISCARDED = 262_144;

/** Sends a response as fast as the client takes it. Rejects if it can't be sent whole. */
export async function send(
  response: Response,
  incoming: Incoming,
  outgoing: Outgoing,
): Promise<void> {
  try {
    writeHead(response, outgoing);
    const isBodyless = incoming.method === "HEAD" || response.status === 204 ||
      response.status === 304;
    const { body } = response;
    const length = isBodyless ? null : response.headers.get("content-length");
    if (body === null || isBodyless) {
      if (Number(length ?? 0) !== 0) throw otherLength();
      outgoing.end();
      await body?.cancel();
    } else {
      await sendBody(measured(body.getReader(), length), outgoing);
    }
  } catch (error) {
    abort(outgoing, error);
    throw error;
  }
  discardRest(incoming, outgoing);
}

type BodyReader = Pick<
  ReadableStreamDefaultReader<Uint8Array>,
  "read" | "cancel"
>;

/**
 * Fails where a body isn't as long as its head says: the client would take what follows for
 * another response, or that for the body.
 */
function measured(reader: BodyReader, length: string | null): BodyReader {
  if (length === null) return reader;
  let left = Number(length);
  return {
    cancel: (reason) => reader.cancel(reason),
    read: async () => {
      const read = await reader.read();
      left -= read.value?.length ?? 0;
      if (read.done ? left !== 0 : !(left >= 0)) throw otherLength();
      return read;
    },
  };
}

function otherLength(): TypeError {
  return new TypeError(
    "The body of the response isn't as long as its content-length says",
  );
}

function writeHead(response: Response, outgoing: Outgoing): void {
  outgoing.statusCode = response.status;
  if (!isHttp2(outgoing) && response.statusText !== "") {
    outgoing.statusMessage = response.statusText;
  }
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie" && !CONNECTION_HEADERS.has(name)) {
      outgoing.setHeader(name, value);
    }
  }
  if (!isHttp2(outgoing) && response.headers.get("connection") === "close") {
    outgoing.shouldKeepAlive = false;
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
}

async function sendBody(
  reader: BodyReader,
  outgoing: Outgoing,
): Promise<void> {
  const gone = (): void => {
    if (!isSent(outgoing)) {
      reader.cancel(new Error("The client has left")).catch(() => {});
    }
  };
  outgoing.on("close", gone);
  const first = await reader.read();
  if (first.done) return end(outgoing);
  const second = reader.read();
  // It may fail while the first is being written.
  second.catch(() => {});
  // Of one chunk the length is known, and it goes into one record with the head.
  const next = await Promise.race([second, soon()]);
  if (next?.done) return end(outgoing, first.value);
  await write(outgoing, first.value);
  for (let read = await second; !read.done; read = await reader.read()) {
    await write(outgoing, read.value);
  }
  end(outgoing);
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}

function end(outgoing: Outgoing, chunk?: Uint8Array): void {
  if (isGone(outgoing)) throw new Error("The client has left");
  // Types of both kinds of response agree on no overload.
  (outgoing as ServerResponse).end(chunk);
}

/** Writes, and waits until there is room for more. */
async function write(outgoing: Outgoing, chunk: Uint8Array): Promise<void> {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError("The body of a response must be of bytes");
  }
  if (isGone(outgoing)) throw new Error("The client has left");
  if ((outgoing as ServerResponse).write(chunk)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

/** Ends a response so that the client can't take it for whole. */
function abort(outgoing: Outgoing, error: unknown): void {
  if (isHttp2(outgoing)) outgoing.stream?.close(INTERNAL_ERROR);
  else outgoing.destroy(error instanceof Error ? error : undefined);
}

/** A body that no one reads would keep a connection's next request from being read. */
function discardRest(incoming: Incoming, outgoing: Outgoing): void {
  if (incoming.complete || incoming.destroyed) return;
  if (isHttp2(outgoing)) {
    const { stream } = outgoing;
    if (stream && !stream.endAfterHeaders) stream.close(NO_ERROR);
    return;
  }
  let discarded = 0;
  incoming.on("data", (chunk: Uint8Array) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED) incoming.destroy();
    // The request's body, which no one reads, has paused it.
    else incoming.resume();
  });
  incoming.resume();
}

/** Whether all of a response has been handed to the connection. */
export function isSent(outgoing: Outgoing): boolean {
  // A stream of HTTP/2 that was reset says that it is finished.
  return isHttp2(outgoing) ? outgoing.writableEnded : outgoing.writableFinished;
}

function isGone(outgoing: Outgoing): boolean {
  return isHttp2(outgoing)
    ? outgoing.stream?.destroyed ?? true
    : outgoing.destroyed;
}

function isHttp2(outgoing: Outgoing): outgoing is Http2ServerResponse {
  return "stream" in outgoing;
}

// RFC 9113, section 7.
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
