import { Buffer } from "node:buffer";
import type { HelloFacts } from "../connection/hello.ts";
import type {
  CertificateAnswers,
  CertificateQuestion,
  HelloAnswers,
} from "../connection/types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { NativeContext } from "../context/native_context.ts";
import { bindingDigest } from "../context/session_binding.ts";
import { defaults } from "../defaults.ts";
import { alpnCallbackInvalidResult, tlsError } from "../errors/tls_errors.ts";
import { serverOf, type TLSSocketMembers } from "./members.ts";

/** What a connection's events mean for a server's socket, and for its server. */
export class ServerEvents {
  /** Whether renegotiations are refused. */
  refusesRenegotiation = false;
  readonly #socket: TLSSocketMembers;
  #pendingSessions = 0;
  #delaysSecure = false;
  #handshakes = 0;
  #lastHandshake: number | undefined;

  /** For a socket. */
  constructor(socket: TLSSocketMembers) {
    this.#socket = socket;
  }

  /** How many renegotiations there were of late. */
  get handshakes(): number {
    return this.#handshakes;
  }

  get findsSessions(): boolean {
    return this.#listeners("resumeSession") > 0;
  }

  get keepsSessions(): boolean {
    return this.findsSessions || this.#listeners("newSession") > 0;
  }

  get choosesProtocol(): boolean {
    return this.#socket._tlsOptions.ALPNCallback !== undefined;
  }

  /**
   * By names, contexts may trust different clients: a session whose client has shown a certificate
   * to one isn't resumed at another.
   */
  sessionContext(
    openssl: OpenSSL,
    hostName: string | null,
  ): Uint8Array | undefined {
    const { _requestCert, _tlsOptions } = this.#socket;
    const { SNICallback, secureContext } = _tlsOptions;
    if (!_requestCert || !SNICallback) return undefined;
    const context = contextOf(secureContext)?.sessionIdContext;
    return bindingDigest(openssl, [context, hostName?.toLowerCase()]);
  }

  /** Whether the socket is secure once the new sessions are stored; it then is. */
  get delaysSecure(): boolean {
    if (this.#pendingSessions > 0) this.#delaysSecure = true;
    return this.#delaysSecure;
  }

  /** A client's hello: looks its sessions up, then chooses a protocol. */
  onHello(hello: HelloFacts, done: (answers: HelloAnswers) => void): void {
    const sessions = new Map<string, Uint8Array>();
    const ids = this.findsSessions ? [...hello.sessionIds] : [];
    const next = (): void => {
      const id = ids.shift();
      if (id === undefined || sessions.size > 0) {
        const protocol = this.#chooseProtocol(hello);
        return done({ sessions, ...(protocol !== undefined && { protocol }) });
      }
      this.#find(id, (session) => {
        if (session) sessions.set(String.fromCharCode(...id), session);
        next();
      });
    };
    next();
  }

  /** The certificate is to be chosen: by the server name, and then the OCSP response. */
  onCertificate(
    { servername, wantsStatus }: CertificateQuestion,
    done: (answers: CertificateAnswers) => void,
  ): void {
    const { SNICallback } = this.#socket._tlsOptions;
    if (servername !== null) this.#socket.servername = servername;
    if (servername === null || !SNICallback) {
      return this.#askForStatus(wantsStatus, undefined, done);
    }
    this.#call((answer) =>
      SNICallback.call(
        this.#socket,
        servername,
        answer((secure?: unknown) => {
          const context = contextOf(secure);
          if (secure && !context) {
            this.#socket.destroy(new TypeError("Invalid SNI context"));
            return;
          }
          if (this.#socket._requestCert) context?.prepareToVerify();
          this.#askForStatus(wantsStatus, context, done);
        }),
      )
    );
  }

  /** A new session: handed to the server, if it wants it. */
  onSession(
    id: Uint8Array,
    der: Uint8Array,
    done: () => void,
    finish: () => void,
  ): void {
    let isOver = false;
    const stored = (): void => {
      if (isOver) return;
      isOver = true;
      this.#pendingSessions--;
      done();
      if (this.#pendingSessions > 0 || !this.#delaysSecure) return;
      this.#delaysSecure = false;
      finish();
    };
    this.#pendingSessions++;
    const server = serverOf(this.#socket);
    let isHeard = false;
    try {
      isHeard = server?.emit(
        "newSession",
        Buffer.from(id),
        Buffer.from(der),
        stored,
      ) ?? false;
    } catch (error) {
      server?.emit("error", error);
    } finally {
      if (!isHeard) stored();
    }
  }

  /** A handshake begins: many renegotiations are an attack (RFC 5246, F.1.4's costs). */
  onHandshakeStart(): void {
    const now = Date.now();
    const last = this.#lastHandshake;
    this.#lastHandshake = now;
    if (last === undefined) return;
    const isLater = now - last >= defaults.CLIENT_RENEG_WINDOW * 1000;
    this.#handshakes = isLater ? 1 : this.#handshakes + 1;
    const socket = this.#socket;
    if (this.#handshakes > defaults.CLIENT_RENEG_LIMIT) {
      socket._emitTLSError(tlsError("ERR_TLS_SESSION_ATTACK"));
      socket.destroy();
    } else if (this.refusesRenegotiation) {
      socket._emitTLSError(tlsError("ERR_TLS_RENEGOTIATION_DISABLED"));
    }
  }

  #listeners(event: string): number {
    return serverOf(this.#socket)?.listenerCount(event) ?? 0;
  }

  #find(id: Uint8Array, done: (session?: Uint8Array) => void): void {
    this.#call((answer) => {
      const isHeard = serverOf(this.#socket)?.emit(
        "resumeSession",
        Buffer.from(id),
        answer((session?: unknown) => {
          done(session instanceof Uint8Array ? session : undefined);
        }),
      );
      if (!isHeard) done();
    });
  }

  #chooseProtocol(
    { servername, protocols }: HelloFacts,
  ): string | null | undefined {
    const { ALPNCallback } = this.#socket._tlsOptions;
    if (!ALPNCallback || protocols.length === 0) return undefined;
    try {
      const offer = {
        servername: servername ?? false as const,
        protocols: [...protocols],
      };
      const chosen = ALPNCallback.call(this.#socket, offer);
      if (chosen === undefined) return null;
      if (protocols.includes(chosen)) return chosen;
      throw alpnCallbackInvalidResult(chosen, protocols);
    } catch (error) {
      this.#socket.destroy(error as Error);
      return null;
    }
  }

  #askForStatus(
    wantsStatus: boolean,
    context: NativeContext | undefined,
    done: (answers: CertificateAnswers) => void,
  ): void {
    const server = serverOf(this.#socket);
    const serving = context ?? contextOf(server?._sharedCreds);
    if (
      !wantsStatus || !server || !serving ||
      server.listenerCount("OCSPRequest") === 0
    ) return done({ context });
    this.#call((answer) =>
      server.emit(
        "OCSPRequest",
        serving.getCertificate(),
        serving.getIssuer(),
        answer((response?: unknown) => {
          done({
            context,
            response: response instanceof Uint8Array ? response : undefined,
          });
        }),
      )
    );
  }

  /** Calls the program, which answers once by `(error, value)`. What it throws ends the socket. */
  #call(
    call: (
      answer: (
        take: (value?: unknown) => void,
      ) => (error?: unknown, value?: unknown) => void,
    ) => unknown,
  ): void {
    const socket = this.#socket;
    let isOver = false;
    try {
      call((take) => (error, value) => {
        const isRepeated = isOver;
        isOver = true;
        if (isRepeated) socket.destroy(tlsError("ERR_MULTIPLE_CALLBACK"));
        else if (error) socket.destroy(error as Error);
        else if (!socket.destroyed) take(value);
      });
    } catch (error) {
      socket.destroy(error as Error);
    }
  }
}

/** The context of a `SecureContext`, or of what is one itself. */
function contextOf(secure: unknown): NativeContext | undefined {
  const context = (secure as { context?: unknown } | null | undefined)
    ?.context ?? secure;
  return context instanceof NativeContext ? context : undefined;
}
