import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { ContextCore } from "../context/context_core.ts";

/**
 * Receives the messages of a connection, for the traces of `src/testing/`. Without an observer
 * OpenSSL has no message callback.
 */
export interface ConnectionObserver {
  /** OpenSSL wrote or read a message or a record header (SSL_CTX_set_msg_callback(3)). */
  message(
    written: number,
    version: number,
    contentType: number,
    bytes: Uint8Array,
  ): void;
  /**
   * Bytes for the peer that were written before the connection was observed and are yet to
   * be sent: a client's hello, if the observer comes after the client.
   */
  unsent?(bytes: Uint8Array): void;
}

/** The observers of the connections that are being made, by context. */
const observers = new WeakMap<ContextCore, ConnectionObserver>();

/** Calls `make`. The connections of the context that it makes are observed from the start. */
export function observed<T>(
  core: ContextCore,
  observer: ConnectionObserver,
  make: () => T,
): T {
  observers.set(core, observer);
  try {
    return make();
  } finally {
    observers.delete(core);
  }
}

/** The observer of a connection that a context is making, if it has one. */
export function observerOf(
  core: ContextCore,
): ConnectionObserver | undefined {
  return observers.get(core);
}

/** Reports to an observer the bytes that wait to be sent, and each message of `ssl` from now on. */
export function tell(
  observer: ConnectionObserver,
  libssl: Libssl,
  ssl: SSL,
  unsent: Uint8Array,
): void {
  if (unsent.length > 0) observer.unsent?.(unsent);
  libssl.SSL_set_msg_callback(
    ssl,
    (written, version, contentType, bytes) =>
      observer.message(written, version, contentType, bytes),
  );
}
