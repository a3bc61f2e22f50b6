import { NULL } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { BIO, SSL_SESSION } from "../handles.ts";

/** Reading and writing sessions in PEM, as those of `src/libssl/x509/pem.ts` (PEM_read_bio_SSL_SESSION(3)). */
export class SessionPemFunctions extends FunctionGroup {
  /** Reads the next session, as `openssl s_client -sess_out` writes it, owned. */
  PEM_read_bio_SSL_SESSION(bio: BIO): SSL_SESSION | null {
    const ptr = this.ptr(bio, "BIO");
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.ffi.acquire(
        () => this.c.PEM_read_bio_SSL_SESSION(ptr, NULL, NULL, NULL),
        (session) => this.c.SSL_SESSION_free(session),
      ),
    );
  }

  /** Writes a session, with its master secret in clear. Returns 1, or 0 on failure. */
  PEM_write_bio_SSL_SESSION(bio: BIO, session: SSL_SESSION): number {
    return this.c.PEM_write_bio_SSL_SESSION(
      this.ptr(bio, "BIO"),
      this.ptr(session, "SSL_SESSION"),
    );
  }
}
