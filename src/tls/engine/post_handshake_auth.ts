import type { TlsError } from "../../internal/tls_error.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import {
  type PeerCertificate,
  readCertificate,
} from "../peer/peer_certificate.ts";
import { CertificateRequest } from "./certificate_request.ts";

/** The post-handshake certificate requests of one connection: one at a time. */
export class PostHandshakeAuth {
  readonly #libssl: Libssl;
  readonly #machine: MachineConnection;
  #request: CertificateRequest | undefined;

  /** For a connection. */
  constructor(libssl: Libssl, machine: MachineConnection) {
    this.#libssl = libssl;
    this.#machine = machine;
  }

  /** Whether a request has no answer yet. */
  get isAsking(): boolean {
    return this.#request?.isUnderWay ?? false;
  }

  /** Writes a request, which the caller has to collect from OpenSSL. */
  ask(isRequired: boolean): Promise<PeerCertificate | null> {
    const { ssl } = this.#machine;
    const request = new CertificateRequest(this.#libssl, ssl, isRequired);
    this.#request = request;
    return request.answer;
  }

  /** Returns the certificate, or `null`, once the client has answered; `undefined` before. */
  takeAnswer(): PeerCertificate | null | undefined {
    if (!this.isAsking || !this.#request?.isAnswered) return undefined;
    const { certificate } = this.#machine.describe();
    const shown = readCertificate(this.#libssl, certificate);
    this.#request.settle(shown);
    return shown;
  }

  /** The client won't answer any more. */
  abandon(error: TlsError | null): void {
    this.#request?.abandon(error);
  }
}
