import { concat } from "../../../internal/bytes.ts";
import type { Hello, HelloOptions } from "../hello_types.ts";
import type { VisitOptions } from "../visit_types.ts";
import type { HelloEnvironment, PreparedClient } from "./environment.ts";
import { parseHello } from "./parse.ts";
import { RECORD_HEADER_BYTES } from "./records.ts";

/**
 * The ClientHello that OpenSSL's client writes.
 *
 * @throws {TypeError} If it writes none, such as for a group that it doesn't know.
 */
export function firstFlight(
  options: HelloOptions,
  by: HelloEnvironment,
): Hello {
  // Node.js 22 can't parse `using`.
  const client = by.prepare(visitOptionsOf(options));
  try {
    return parseHello(writtenBy(client), options.session ?? null);
  } finally {
    client[Symbol.dispose]();
  }
}

/** The ClientHello of a client that is at its first step. */
function writtenBy({ libssl, ssl, toServer }: PreparedClient): Uint8Array {
  libssl.ERR_clear_error();
  const state = libssl.SSL_connect(ssl);
  const bytes = new Uint8Array(libssl.BIO_ctrl_pending(toServer));
  if (bytes.length === 0) {
    throw new TypeError(
      `OpenSSL's client wrote no ClientHello (SSL_get_error: ${
        libssl.SSL_get_error(ssl, state)
      })`,
    );
  }
  libssl.BIO_read(toServer, bytes);
  return withoutRecords(bytes);
}

/** Those of the options that a visit has as well. */
function visitOptionsOf(options: HelloOptions): VisitOptions {
  const {
    edit: _edit,
    editSecond: _editSecond,
    recordBytes: _recordBytes,
    writeBytes: _writeBytes,
    append: _append,
    ...others
  } = options;
  return others;
}

/** The content of records that one message fills. */
function withoutRecords(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const [, , , high = 0, low = 0] = bytes.subarray(at);
    const start = at + RECORD_HEADER_BYTES;
    at = start + (high << 8 | low);
    parts.push(bytes.subarray(start, at));
  }
  return concat(parts);
}
