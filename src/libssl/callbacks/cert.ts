import type { Ffi } from "../../ffi/ffi.ts";
import { NULL } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL } from "../handles.ts";

/**
 * Called before a certificate is chosen. Returning 1 continues, 0 fails the handshake, and -1
 * suspends it: `SSL_get_error` returns `SSL_ERROR_WANT_X509_LOOKUP`, and the next
 * `SSL_do_handshake` calls the callback again.
 */
export type CertCallback = (ssl: SSL) => number;

/** The callback for certificates (SSL_CTX_set_cert_cb(3)). */
export class CertFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("cert", (ssl) => {
      const callback = this.callbackOf<CertCallback>(ssl, "cert");
      return callback ? callback(this.passed("SSL", ssl)) : 1;
    });
  }

  /** Sets the callback for the certificate of one connection; `null` removes it. */
  SSL_set_cert_cb(ssl: SSL, cb: CertCallback | null): void {
    this.setCallback(ssl, "cert", cb, (trampoline) => {
      this.c.SSL_set_cert_cb(this.ptr(ssl, "SSL"), trampoline, NULL);
    });
  }
}
