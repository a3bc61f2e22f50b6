import type { Ffi } from "../../ffi/ffi.ts";
import { type Address, NULL } from "../../ffi/pointers.ts";
import { bytes, int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { SSL, SSL_CTX } from "../handles.ts";

const SSL_TLSEXT_ERR_NOACK = 3;

/** Called when a client requests the status of the certificate. It returns `SSL_TLSEXT_ERR_*`. */
export type StatusCallback = (ssl: SSL) => number;

/** OCSP stapling (RFC 6066, section 8). */
export class StatusFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("status", (ssl, ctx) => {
      const callback = this.callbackOf<StatusCallback>(ctx, "status");
      return callback
        ? callback(this.passed("SSL", ssl))
        : SSL_TLSEXT_ERR_NOACK;
    });
  }

  /** Sets the callback for certificate status requests. Returns 1. */
  SSL_CTX_set_tlsext_status_cb(
    ctx: SSL_CTX,
    cb: StatusCallback | null,
  ): number {
    return this.setCtrlCallback(
      ctx,
      "status",
      cb,
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_CB,
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_CB_ARG,
    );
  }

  /**
   * Requests the status of the certificate, `TLSEXT_STATUSTYPE_ocsp` (clients). Returns 1, or 0
   * on failure.
   */
  SSL_set_tlsext_status_type(ssl: SSL, type: number): number {
    return this.c.SSL_ctrl(
      this.ptr(ssl, "SSL"),
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_TYPE,
      int(type, "type"),
      NULL,
    );
  }

  /** Returns the type of status that the client requests; -1 if it requests none. */
  SSL_get_tlsext_status_type(ssl: SSL): number {
    return this.c.SSL_ctrl(
      this.ptr(ssl, "SSL"),
      SSL_CTRL.GET_TLSEXT_STATUS_REQ_TYPE,
      0,
      NULL,
    );
  }

  /** Sets the OCSP response to staple, in DER (servers, in the status callback). Returns 1. */
  SSL_set_tlsext_status_ocsp_resp(ssl: SSL, resp: Uint8Array): number {
    const ptr = this.ptr(ssl, "SSL");
    const view = bytes(resp, "resp");
    const block = this.c.malloc(Math.max(view.length, 1));
    if (block === 0) return 0;
    this.memory.write(block, view);
    return this.c.SSL_ctrl(
      ptr,
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_OCSP_RESP,
      view.length,
      block,
    );
  }

  /** Returns the stapled OCSP response in DER (clients), or `null` if there is none. */
  SSL_get_tlsext_status_ocsp_resp(ssl: SSL): Uint8Array<ArrayBuffer> | null {
    const ptr = this.ptr(ssl, "SSL");
    return this.memory.withWords(1, (out) => {
      const length = this.c.SSL_ctrl(
        ptr,
        SSL_CTRL.GET_TLSEXT_STATUS_REQ_OCSP_RESP,
        0,
        out,
      );
      const address = this.memory.readWord(out) as Address;
      return length < 0 || address === 0
        ? null
        : this.memory.read(address, length);
    });
  }
}
