import type { Ptr } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, X509 } from "../handles.ts";
import { stackItems } from "../x509/stack.ts";

/** The certificates of a connection, and the result of the peer's verification. */
export class PeerCertificateFunctions extends FunctionGroup {
  /** Returns the certificate that this side sends, borrowed. */
  SSL_get_certificate(ssl: SSL): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_get_certificate(this.#ptr(ssl)),
    );
  }

  /** Returns the peer's certificate, borrowed. */
  SSL_get0_peer_certificate(ssl: SSL): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_get0_peer_certificate(this.#ptr(ssl)),
    );
  }

  /**
   * Returns the certificate chain that the peer sent, borrowed. On a server it doesn't contain
   * the client's own certificate.
   */
  SSL_get_peer_cert_chain(ssl: SSL): X509[] {
    return this.#certificates(this.c.SSL_get_peer_cert_chain(this.#ptr(ssl)));
  }

  /** Returns the chain that was verified, from the leaf to the trusted certificate, borrowed. */
  SSL_get0_verified_chain(ssl: SSL): X509[] {
    return this.#certificates(this.c.SSL_get0_verified_chain(this.#ptr(ssl)));
  }

  /** Returns the name in the peer's certificate that matched, or `null`. */
  SSL_get0_peername(ssl: SSL): string | null {
    return this.memory.readString(this.c.SSL_get0_peername(this.#ptr(ssl)));
  }

  /** Returns the result of verification, `X509_V_*`. */
  SSL_get_verify_result(ssl: SSL): number {
    return this.c.SSL_get_verify_result(this.#ptr(ssl));
  }

  /** Returns the `SSL_VERIFY_*` bits. */
  SSL_get_verify_mode(ssl: SSL): number {
    return this.c.SSL_get_verify_mode(this.#ptr(ssl));
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #certificates(stack: Ptr<"OPENSSL_STACK">): X509[] {
    return stackItems<"X509">(this.ffi, stack).map((x) =>
      this.passed("X509", x)
    );
  }
}
