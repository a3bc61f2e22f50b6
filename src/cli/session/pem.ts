import type { TlsSession } from "../../../mod.ts";
import { OpenSSL } from "../../libssl/mod.ts";
import { withSession } from "./handle.ts";

/** The first session in a PEM text, in DER; `undefined` if there is none. */
export function fromPem(text: string): Uint8Array | undefined {
  const { libssl } = OpenSSL.default;
  const bytes = new TextEncoder().encode(text);
  const bio = libssl.BIO_new_mem_buf(bytes);
  bytes.fill(0);
  if (bio === null) return undefined;
  const session = libssl.PEM_read_bio_SSL_SESSION(bio);
  libssl.BIO_free(bio);
  libssl.ERR_clear_error();
  if (session === null) return undefined;
  const der = libssl.i2d_SSL_SESSION(session);
  libssl.SSL_SESSION_free(session);
  return der ?? undefined;
}

/** A session in PEM, for `openssl s_client -sess_in` and for `--session-in`. */
export function toPem(session: TlsSession): string {
  const der = session.toBytes();
  try {
    return withSession(der, (libssl, handle) => {
      // OpenSSL's client rejects a session with another id context than its own, which is empty.
      libssl.SSL_SESSION_set1_id_context(handle, new Uint8Array());
      const bio = libssl.BIO_new_mem();
      if (!bio || libssl.PEM_write_bio_SSL_SESSION(bio, handle) !== 1) {
        throw new Error("Cannot write the session in PEM");
      }
      const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
      libssl.BIO_read(bio, bytes);
      libssl.BIO_free(bio);
      const pem = new TextDecoder().decode(bytes);
      bytes.fill(0);
      return pem;
    });
  } finally {
    der.fill(0);
  }
}
