import { TLSEXT_STATUSTYPE_ocsp } from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { NativeContext } from "../context/native_context.ts";
import type { Ask, CertificateAnswers, ConnectionListener } from "./types.ts";

/** What a certificate callback returns. */
const CERT_OK = 1;
const CERT_RETRY = -1;

/**
 * What is asked and answered when a server's certificate is to be chosen: by `SNICallback`, and for
 * an OCSP response to staple (the event `OCSPRequest`).
 */
export class CertificateStage {
  /** Whether the listener is asked. */
  asks = false;
  /** The context that is used unless another one is chosen. */
  context: NativeContext | undefined;
  readonly #listener: ConnectionListener;
  readonly #ask: Ask;
  #stage: "new" | "waiting" | "done" = "new";
  #answers: CertificateAnswers = {};

  /** Asks `listener` by `ask`. */
  constructor(listener: ConnectionListener, ask: Ask) {
    this.#listener = listener;
    this.#ask = ask;
  }

  /** Whether there is an OCSP response. */
  get hasResponse(): boolean {
    return this.#answers.response !== undefined;
  }

  /** The certificate is to be chosen: what the callback returns, once `use` has used the context. */
  onCert(
    libssl: Libssl,
    ssl: SSL,
    use: (context: NativeContext) => void,
  ): number {
    if (this.#stage === "new" && this.asks) {
      this.#stage = "waiting";
      const question = {
        servername: libssl.SSL_get_servername(ssl),
        wantsStatus: libssl.SSL_get_tlsext_status_type(ssl) ===
          TLSEXT_STATUSTYPE_ocsp,
      };
      this.#ask<CertificateAnswers>(
        (done) => this.#listener.onCertificate(question, done),
        (answers) => {
          this.#answers = answers;
          this.#stage = "done";
        },
      );
    }
    if (this.#stage === "waiting") return CERT_RETRY;
    this.#stage = "new";
    const { context = this.context, response } = this.#answers;
    if (context !== undefined) use(context);
    if (response !== undefined) {
      libssl.SSL_set_tlsext_status_ocsp_resp(ssl, response);
    }
    return CERT_OK;
  }
}
