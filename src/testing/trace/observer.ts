import type { Endpoint } from "../endpoint.ts";
import {
  SSL3_RT_ALERT,
  SSL3_RT_APPLICATION_DATA,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
  SSL3_RT_INNER_CONTENT_TYPE,
} from "../../libssl/constants.ts";
import type { ConnectionObserver } from "../../tls/engine/observer.ts";
import type { TraceLog } from "./log.ts";

/** A message callback: the first four arguments of OpenSSL's (SSL_CTX_set_msg_callback(3)). */
export type TraceListener = (
  written: number,
  version: number,
  contentType: number,
  bytes: Uint8Array,
) => void;

const HEADER_BYTES = 5;

/** An observer that adds the messages of one endpoint to a log. */
export function observerOf(
  log: TraceLog,
  side: Endpoint,
): ConnectionObserver {
  return {
    message: listenerOf(log, side),
    unsent: (bytes) => logUnsent(log, side, bytes),
  };
}

/** A message callback that adds the messages of one endpoint to a log. */
export function listenerOf(log: TraceLog, side: Endpoint): TraceListener {
  const peer = side === "client" ? "server" : "client";
  let length = 0;
  return (written, _version, type, bytes) => {
    if (type === SSL3_RT_HEADER) length = contentLength(bytes);
    if (written) onWritten(log, side, type, bytes, length);
    else onRead(log, peer, type, bytes);
  };
}

/** Adds the records that a client wrote before it was observed: its hello and early data. */
function logUnsent(
  log: TraceLog,
  from: Endpoint,
  bytes: Uint8Array,
): void {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const header = bytes.subarray(at, at + HEADER_BYTES);
    const end = at + HEADER_BYTES + contentLength(header);
    const content = bytes.subarray(at + HEADER_BYTES, end);
    const [type] = header;
    if (type === SSL3_RT_HANDSHAKE) log.wroteMessage(from, content);
    if (type === SSL3_RT_CHANGE_CIPHER_SPEC) log.wroteChange(from);
    if (type === SSL3_RT_APPLICATION_DATA) log.wroteData(from, content.length);
    at = end;
  }
}

function onWritten(
  log: TraceLog,
  from: Endpoint,
  type: number,
  bytes: Uint8Array,
  length: number,
): void {
  if (type === SSL3_RT_HEADER && bytes[0] === SSL3_RT_APPLICATION_DATA) {
    log.writesRecord(from);
  }
  if (isData(log, type, bytes)) log.wroteData(from, length);
  if (type === SSL3_RT_HANDSHAKE) log.wroteMessage(from, bytes);
  if (type === SSL3_RT_ALERT) log.wroteAlert(from, bytes);
  if (type === SSL3_RT_CHANGE_CIPHER_SPEC) log.wroteChange(from);
}

function onRead(
  log: TraceLog,
  from: Endpoint,
  type: number,
  bytes: Uint8Array,
): void {
  if (isData(log, type, bytes)) log.readData(from);
  if (type === SSL3_RT_HANDSHAKE) log.read(from, "handshake", bytes);
  if (type === SSL3_RT_ALERT) log.read(from, "alert", bytes);
  if (type === SSL3_RT_CHANGE_CIPHER_SPEC) log.readChange(from);
}

/** Whether a record has application data. In TLS 1.3 the inner content type says so. */
function isData(log: TraceLog, type: number, [content]: Uint8Array): boolean {
  return content === SSL3_RT_APPLICATION_DATA &&
    (type === SSL3_RT_INNER_CONTENT_TYPE ||
      (type === SSL3_RT_HEADER && log.isLegacy));
}

function contentLength(header: Uint8Array): number {
  return (header[3] ?? 0) << 8 | (header[4] ?? 0);
}
