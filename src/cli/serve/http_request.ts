/** The most bytes of a request header. */
export const MAX_HEADER_BYTES = 16_384;

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) +(\S+)(?: +(HTTP\/\d\.\d))? *$/;
const HEADER_FIELD = /^[!#$%&'*+.^_`|~\w-]+[ \t]*:/;

/** A request. */
export interface HttpRequest {
  /** Such as `"GET"`. */
  readonly method: string;
  /** The version; `"HTTP/0.9"` for a request line without one. */
  readonly version: "HTTP/0.9" | "HTTP/1.0" | "HTTP/1.1";
}

/** The reason to reject a request. */
export interface BadRequest {
  /** The status of the response. */
  readonly status: 400 | 431 | 505;
  /** The body of the response. */
  readonly reason: string;
}

/**
 * Parses the header of a request in chunks of any size. Lines may end without a carriage
 * return, as people type them into test clients.
 */
export class HeaderReader {
  readonly #decoder = new TextDecoder("latin1");
  #text = "";
  #lineStart = 0;
  #searched = 0;
  #request: HttpRequest | null = null;

  /** Whether a request has begun. */
  get hasBegun(): boolean {
    return this.#text.length > 0;
  }

  /** Adds a chunk. Returns the request, the reason to reject it, or `null` for more chunks. */
  push(bytes: Uint8Array): HttpRequest | BadRequest | null {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    for (;;) {
      const end = this.#text.indexOf("\n", this.#searched);
      if ((end === -1 ? this.#text.length : end) > MAX_HEADER_BYTES) {
        return {
          status: 431,
          reason: `The header is longer than ${MAX_HEADER_BYTES} bytes.`,
        };
      }
      if (end === -1) {
        this.#searched = this.#text.length;
        return null;
      }
      const line = this.#text.slice(this.#lineStart, end).replace(/\r$/, "");
      this.#lineStart = this.#searched = end + 1;
      const outcome = this.#readLine(line);
      if (outcome) return outcome;
    }
  }

  #readLine(line: string): HttpRequest | BadRequest | null {
    if (this.#request === null) {
      // Some clients send an empty line first (RFC 9112, section 2.2).
      if (line === "") return null;
      const request = readRequestLine(line);
      if ("status" in request || request.version === "HTTP/0.9") return request;
      this.#request = request;
      return null;
    }
    if (line === "") return this.#request;
    if (HEADER_FIELD.test(line)) return null;
    return { status: 400, reason: "A header field has no name." };
  }
}

function readRequestLine(line: string): HttpRequest | BadRequest {
  const [, method, , version] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined) {
    return { status: 400, reason: "The request line is malformed." };
  }
  switch (version) {
    case undefined:
      return method === "GET"
        ? { method, version: "HTTP/0.9" }
        : { status: 400, reason: "The request line has no HTTP version." };
    case "HTTP/1.0":
    case "HTTP/1.1":
      return { method, version };
    default:
      return {
        status: 505,
        reason: "Only HTTP/1.0 and HTTP/1.1 are supported.",
      };
  }
}
