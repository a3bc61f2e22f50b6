import {
  type BadRequest,
  HeaderReader,
  type HttpRequest,
} from "./http_request.ts";
import type { Peer } from "./peer.ts";

/** The time limit of the request header, in milliseconds. */
const HEADER_TIMEOUT = 10_000;

const STATUS_TEXTS = {
  200: "OK",
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
  505: "HTTP Version Not Supported",
};

interface Answer {
  readonly status: keyof typeof STATUS_TEXTS;
  readonly version: HttpRequest["version"];
  readonly body: string;
  readonly hasBody: boolean;
}

/** Responds to one HTTP request with a page. The caller closes the connection. */
export async function answerHttp(peer: Peer, page: string): Promise<void> {
  const request = await readHeader(peer);
  if (request) await peer.write(bytesOf(answerTo(request, page)));
}

/** The request; `null` if the client has ended without one. */
async function readHeader(
  peer: Peer,
): Promise<HttpRequest | BadRequest | "late" | null> {
  const reader = peer.input.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), HEADER_TIMEOUT);
  });
  const header = new HeaderReader();
  try {
    for (;;) {
      const reading = reader.read();
      // It rejects when the connection ends, after the response to a late request.
      reading.catch(() => {});
      const read = await Promise.race([reading, late]);
      if (read === "late") return read;
      if (read.done) return header.hasBegun ? INCOMPLETE : null;
      const outcome = header.push(read.value);
      if (outcome) return outcome;
    }
  } finally {
    clearTimeout(timer);
  }
}

const INCOMPLETE: BadRequest = {
  status: 400,
  reason: "The header is incomplete.",
};

function answerTo(
  request: HttpRequest | BadRequest | "late",
  page: string,
): Answer {
  const failure = { version: "HTTP/1.1", hasBody: true } as const;
  if (request === "late") {
    const body = `The header took longer than ${HEADER_TIMEOUT / 1000} s.\n`;
    return { ...failure, status: 408, body };
  }
  if ("status" in request) {
    const { status, reason } = request;
    return { ...failure, status, body: `${reason}\n` };
  }
  const { method, version } = request;
  const hasBody = method !== "HEAD";
  if (hasBody && method !== "GET") {
    const body = "Only GET and HEAD are allowed.\n";
    return { version, hasBody, status: 405, body };
  }
  return { version, hasBody, status: 200, body: page };
}

function bytesOf({ status, version, body, hasBody }: Answer): Uint8Array {
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  if (version === "HTTP/0.9") return content;
  const header = encoder.encode([
    `${version} ${status} ${STATUS_TEXTS[status]}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${content.length}`,
    ...(status === 405 ? ["Allow: GET, HEAD"] : []),
    "Cache-Control: no-store",
    "Connection: close",
    "",
    "",
  ].join("\r\n"));
  if (!hasBody) return header;
  const all = new Uint8Array(header.length + content.length);
  all.set(header);
  all.set(content, header.length);
  return all;
}
