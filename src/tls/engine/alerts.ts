import { SSL_CB_ALERT, SSL_CB_READ } from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import {
  boundPeer,
  type OpenSSL,
  refuseWarnings,
} from "../../libssl/openssl.ts";
import { alertName } from "../errors/alert_name.ts";
import { allocated } from "../errors/openssl_error.ts";

/** The level of alerts that end a connection (RFC 8446, section 6). */
const FATAL = 2;
/** How many warnings may come at once, and after how many milliseconds another. */
const MAX_WARNINGS = 16;
const WARNING_INTERVAL = 1000;

/** The alerts of one connection, and the bounds on what its peer may ask for. */
export class Alerts {
  /** The alert that ended the connection. */
  fatal: string | undefined;

  readonly #openssl: OpenSSL;
  readonly #ssl: SSL;
  #warnings = 0;
  #since = 0;
  #areTooMany = false;

  /** Watches a connection, from its first byte on. */
  constructor(openssl: OpenSSL, ssl: SSL) {
    this.#openssl = openssl;
    this.#ssl = ssl;
    allocated(boundPeer(openssl, ssl) || null, "a connection's bounds");
    openssl.libssl.SSL_set_info_callback(ssl, (_ssl, where, value) => {
      if (!(where & SSL_CB_ALERT)) return;
      if (value >> 8 === FATAL) this.fatal = alertName(openssl.libssl, value);
      else if (where & SSL_CB_READ) this.#countWarning();
    });
  }

  /** Whether the connection was ended, by an alert, for the warnings that have come. */
  refuseTooMany(): boolean {
    if (this.#areTooMany) refuseWarnings(this.#openssl, this.#ssl);
    return this.#areTooMany;
  }

  #countWarning(): void {
    const now = this.#openssl.now();
    if (this.#warnings === 0) this.#since = now;
    const back = Math.floor((now - this.#since) / WARNING_INTERVAL);
    if (back > 0) {
      this.#warnings = Math.max(0, this.#warnings - back);
      this.#since = now;
    }
    this.#areTooMany ||= ++this.#warnings > MAX_WARNINGS;
  }
}
