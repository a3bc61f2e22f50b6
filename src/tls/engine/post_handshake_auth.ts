import type { TlsError } from "../../internal/tls_error.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import {
  type PeerCertificate,
  readCertificate,
} from "../peer/peer_certificate.ts";
import { CertificateRequest } from "./certificate_request.ts";

/** The requests for a client's certificate on one connection: one at a time is under way. */
export class PostHandshakeAuth {
  readonly #libssl: Libssl;
  readonly #machine: MachineConnection;
  #request: CertificateRequest | undefined;

  /** For a connection. */
  constructor(libssl: Libssl, machine: MachineConnection) {
    this.#libssl = libssl;
    this.#machine = machine;
  }

  /** Whether the client hasn't answered yet. */
  get isAsking(): boolean {
    return this.#request?.isUnderWay ?? false;
  }

  /** Asks; the request is then to be collected. */
  ask(isRequired: boolean): Promise<PeerCertificate | null> {
    const { ssl } = this.#machine;
    const request = new CertificateRequest(this.#libssl, ssl, isRequired);
    this.#request = request;
    return request.answer;
  }

  /** What the client has shown, if it has answered by now; `undefined` if not. */
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
