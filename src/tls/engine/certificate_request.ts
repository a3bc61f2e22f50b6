import { TlsError } from "../../internal/tls_error.ts";
import {
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_PEER,
  SSL_VERIFY_POST_HANDSHAKE,
} from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { areEqual } from "../../internal/bytes.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import { Deferred } from "../../internal/deferred.ts";
import { opensslError } from "../errors/openssl_error.ts";

/** How a server asks a client for its certificate after the handshake. */
export interface CertificateRequestOptions {
  /**
   * Whether a client without a certificate is refused, by the alert `certificate_required`.
   * By default false.
   */
  required?: boolean;
}

/** A server's post-handshake request for a certificate (RFC 8446, 4.6.2). */
export class CertificateRequest {
  readonly #libssl: Libssl;
  readonly #ssl: SSL;
  readonly #answer = new Deferred<PeerCertificate | null>();
  readonly #finished: Uint8Array;
  #isOver = false;

  /**
   * Writes the request.
   *
   * @throws {TlsError} `protocol`, if the client can't be asked.
   */
  constructor(libssl: Libssl, ssl: SSL, isRequired: boolean) {
    this.#libssl = libssl;
    this.#ssl = ssl;
    const failIfNone = isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    const before = libssl.SSL_get_verify_mode(ssl);
    libssl.ERR_clear_error();
    libssl.SSL_set_verify(
      ssl,
      SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE | failIfNone,
      null,
    );
    if (libssl.SSL_verify_client_post_handshake(ssl) !== 1) {
      // The mode of the handshake, or of a request that has no answer yet, is restored.
      libssl.SSL_set_verify(ssl, before, null);
      throw opensslError(libssl, "protocol", "Cannot ask for a certificate");
    }
    this.#finished = libssl.SSL_get_peer_finished(ssl);
    libssl.SSL_do_handshake(ssl);
  }

  /** The client's certificate, which was verified, or `null`. */
  get answer(): Promise<PeerCertificate | null> {
    return this.#answer.promise;
  }

  /** Whether the client may still answer. */
  get isUnderWay(): boolean {
    return !this.#isOver;
  }

  /** Whether the client has answered: its answer ends with a Finished of its own. */
  get isAnswered(): boolean {
    return !areEqual(
      this.#libssl.SSL_get_peer_finished(this.#ssl),
      this.#finished,
    );
  }

  /** The client has answered. */
  settle(certificate: PeerCertificate | null): void {
    this.#isOver = true;
    this.#answer.resolve(certificate);
  }

  /** The client won't answer any more: the connection has ended, maybe with an error. */
  abandon(error: TlsError | null): void {
    this.#isOver = true;
    this.#answer.reject(
      error ?? new TlsError(
        "closed",
        "The connection has ended before the client answered",
      ),
    );
  }
}
