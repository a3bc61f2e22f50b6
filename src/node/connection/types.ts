import type { NativeContext } from "../context/native_context.ts";
import type { HelloFacts } from "./hello.ts";

/** The answer to a client's hello. */
export interface HelloAnswers {
  /** The sessions that were found, in DER, by their ids with a character for each byte. */
  readonly sessions: ReadonlyMap<string, Uint8Array>;
  /** The protocol; `null` for none, `undefined` if no `ALPNCallback` was called. */
  readonly protocol?: string | null | undefined;
}

/** What a certificate is chosen by. */
export interface CertificateQuestion {
  /** The server name. */
  readonly servername: string | null;
  /** Whether it wants an OCSP response. */
  readonly wantsStatus: boolean;
}

/** The choice of a certificate. */
export interface CertificateAnswers {
  /** The context whose certificate is sent, if it is another. */
  readonly context?: NativeContext | undefined;
  /** The OCSP response, in DER. */
  readonly response?: Uint8Array | undefined;
}

/** The events of a connection, which are never called while OpenSSL is on the stack. */
export interface ConnectionListener {
  /** Whether sessions are looked up (servers). */
  readonly findsSessions: boolean;
  /** Whether new sessions are reported (servers). */
  readonly keepsSessions: boolean;
  /** Whether a protocol is chosen for each client (servers). */
  readonly choosesProtocol: boolean;
  /** The session id context for a host name, if it isn't that of the context (servers). */
  sessionContext(hostName: string | null): Uint8Array | undefined;
  /** A client's hello waits for the answer. */
  onHello(hello: HelloFacts, done: (answers: HelloAnswers) => void): void;
  /** The handshake waits for a certificate. */
  onCertificate(
    question: CertificateQuestion,
    done: (answers: CertificateAnswers) => void,
  ): void;
  /** A new session; a server's bytes are held back until `done` is called. */
  onSession(id: Uint8Array, der: Uint8Array, done: () => void): void;
  /** The OCSP response of a server that was asked for it: `null` if it has none. */
  onStatus(response: Uint8Array | null): void;
  /** Called with a line of the key log. */
  onKeyLog(line: string): void;
  /** A handshake begins: the first one, or a renegotiation. */
  onHandshakeStart(): void;
  /** A handshake is done. */
  onHandshakeDone(): void;
}

/** Asks the program, never while OpenSSL is on the stack, and takes its answer. */
export type Ask = <T>(
  ask: (done: (answer: T) => void) => void,
  take: (answer: T) => void,
  holdsBytes?: boolean,
) => void;
