import type { Ffi } from "../ffi/ffi.ts";
import type { Address, Ptr } from "../ffi/pointers.ts";
import { NULL } from "../ffi/pointers.ts";
import { bytes, int } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type { Out, SSL, SSL_CTX, X509, X509_STORE_CTX } from "./handles.ts";

const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_NOACK = 3;
const MAX_SESSION_ID_BYTES = 32;

/**
 * Called for the server name of a client hello, after the client-hello callback.
 * The answer is `SSL_TLSEXT_ERR_*`; with a fatal one, `alert.value` is sent.
 */
export type ServernameCallback = (ssl: SSL, alert: Out<number>) => number;

/**
 * Called with the protocols that a client offers. The answer is one of them, or
 * `SSL_TLSEXT_ERR_NOACK` to go on without, or `SSL_TLSEXT_ERR_ALERT_FATAL`.
 */
export type AlpnSelectCallback = (
  ssl: SSL,
  offered: string[],
) => string | number;

/** Called for each certificate of the peer's chain: 1 to accept it, 0 to refuse it. */
export type VerifyCallback = (
  preverify_ok: number,
  x509_ctx: X509_STORE_CTX,
  ssl: SSL,
) => number;

/** Called with each line of a key log, in `SSLKEYLOGFILE` format: secrets. */
export type KeylogCallback = (ssl: SSL, line: string) => void;

/** Called with each message of the protocol: records' headers, handshake messages, alerts. */
export type MessageCallback = (
  write_p: number,
  version: number,
  content_type: number,
  buf: Uint8Array,
  ssl: SSL,
) => void;

/** Called at each step of the state machine (`SSL_CB_*`) and for each alert. */
export type InfoCallback = (ssl: SSL, where: number, ret: number) => void;

/** Makes a session id of at most `max` bytes; `null` fails the handshake. */
export type GenerateSessionIdCallback = (
  ssl: SSL,
  max: number,
) => Uint8Array | null;

/** Gives a client's pre-shared key for a server's hint (up to TLS 1.2, and TLS 1.3). */
export type PskClientCallback = (
  ssl: SSL,
  hint: string | null,
) => { identity: string; psk: Uint8Array } | null;

/** Gives a server's pre-shared key for a client's identity. */
export type PskServerCallback = (
  ssl: SSL,
  identity: string,
) => Uint8Array | null;

/** Called when a client asks for the certificate's status: `SSL_TLSEXT_ERR_*`. */
export type StatusCallback = (ssl: SSL) => number;

/** The other callbacks of a context and of a connection; `null` clears each. */
export class CallbackFunctions extends Chapter {
  /** The functions of this topic for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("servername", (ssl, alert, ctx) => {
      const callback = this.callbackOf<ServernameCallback>(ctx, "servername");
      if (!callback) return SSL_TLSEXT_ERR_NOACK;
      const out: Out<number> = { value: this.memory.readInt(alert) };
      const answer = callback(this.passed("SSL", ssl), out);
      this.memory.writeWord(alert, out.value);
      return answer;
    });
    ffi.implement(
      "alpn_select",
      (ssl, out, outLength, offered, length, ctx) =>
        this.#onAlpn(ssl, ctx, out, outLength, offered, length),
    );
    ffi.implement(
      "verify",
      (preverifyOk, storeCtx, ssl) =>
        this.#onVerify(preverifyOk, storeCtx, ssl),
    );
    ffi.implement("keylog", (ssl, line) => {
      const ctx = this.c.SSL_get_SSL_CTX(ssl);
      this.callbackOf<KeylogCallback>(ctx, "keylog")?.(
        this.passed("SSL", ssl),
        this.memory.readString(line) ?? "",
      );
    });
    ffi.implement("message", (written, version, type, data, length, ssl) => {
      this.callbackOf<MessageCallback>(ssl, "message")?.(
        written,
        version,
        type,
        this.memory.read(data, length),
        this.passed("SSL", ssl),
      );
    });
    ffi.implement("info", (ssl, where, value) => {
      const callback = this.callbackOf<InfoCallback>(ssl, "info") ??
        this.callbackOf<InfoCallback>(this.c.SSL_get_SSL_CTX(ssl), "info");
      callback?.(this.passed("SSL", ssl), where, value);
    });
    ffi.implement(
      "generate_session_id",
      (ssl, id, length) => this.#onGenerateSessionId(ssl, id, length),
    );
    ffi.implement("psk_client", (ssl, hint, identity, idMax, psk, pskMax) => {
      const answer = this.callbackOf<PskClientCallback>(ssl, "psk_client")?.(
        this.passed("SSL", ssl),
        this.memory.readString(hint),
      );
      if (!answer) return 0;
      const name = new TextEncoder().encode(answer.identity + "\0");
      this.memory.write(identity, bytes(name, "identity", idMax + 1));
      return this.#writePsk(answer.psk, psk, pskMax);
    });
    ffi.implement("psk_server", (ssl, identity, psk, pskMax) => {
      const answer = this.callbackOf<PskServerCallback>(ssl, "psk_server")?.(
        this.passed("SSL", ssl),
        this.memory.readString(identity) ?? "",
      );
      return answer ? this.#writePsk(answer, psk, pskMax) : 0;
    });
    ffi.implement(
      "status",
      (ssl, ctx) =>
        this.callbackOf<StatusCallback>(ctx, "status")?.(
          this.passed("SSL", ssl),
        ) ?? SSL_TLSEXT_ERR_NOACK,
    );
  }

  /** Sets the callback for server names: 1. */
  SSL_CTX_set_tlsext_servername_callback(
    ctx: SSL_CTX,
    cb: ServernameCallback | null,
  ): number {
    this.setCallback(ctx, "servername", cb, (trampoline) => {
      this.#callbackCtrl(ctx, SSL_CTRL.SET_TLSEXT_SERVERNAME_CB, trampoline);
      this.#selfAsArgument(ctx, SSL_CTRL.SET_TLSEXT_SERVERNAME_ARG);
    });
    return 1;
  }

  /** Sets the callback that selects an ALPN protocol (servers). */
  SSL_CTX_set_alpn_select_cb(
    ctx: SSL_CTX,
    cb: AlpnSelectCallback | null,
  ): void {
    this.setCallback(ctx, "alpn_select", cb, (trampoline) => {
      const ptr = this.ptr(ctx, "SSL_CTX");
      this.c.SSL_CTX_set_alpn_select_cb(ptr, trampoline, asArgument(ptr));
    });
  }

  /** Sets how peers are verified, `SSL_VERIFY_*`, and the callback for it. */
  SSL_CTX_set_verify(
    ctx: SSL_CTX,
    mode: number,
    verify_callback: VerifyCallback | null,
  ): void {
    this.setCallback(ctx, "verify", verify_callback, (trampoline) => {
      this.c.SSL_CTX_set_verify(
        this.ptr(ctx, "SSL_CTX"),
        int(mode, "mode", 0),
        trampoline,
      );
    });
  }

  /** {@linkcode SSL_CTX_set_verify} for one connection; with `null` its callback stays. */
  SSL_set_verify(
    ssl: SSL,
    mode: number,
    verify_callback: VerifyCallback | null,
  ): void {
    const set = (trampoline: Ptr<"function">): void =>
      this.c.SSL_set_verify(
        this.ptr(ssl, "SSL"),
        int(mode, "mode", 0),
        trampoline,
      );
    if (verify_callback === null) set(NULL);
    else this.setCallback(ssl, "verify", verify_callback, set);
  }

  /** The reason of a verification in progress, `X509_V_*`. */
  X509_STORE_CTX_get_error(ctx: X509_STORE_CTX): number {
    return this.c.X509_STORE_CTX_get_error(this.ptr(ctx, "X509_STORE_CTX"));
  }

  /** How far from the leaf the certificate is that is being verified. */
  X509_STORE_CTX_get_error_depth(ctx: X509_STORE_CTX): number {
    return this.c.X509_STORE_CTX_get_error_depth(
      this.ptr(ctx, "X509_STORE_CTX"),
    );
  }

  /** The certificate that is being verified, borrowed. */
  X509_STORE_CTX_get_current_cert(ctx: X509_STORE_CTX): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.X509_STORE_CTX_get_current_cert(this.ptr(ctx, "X509_STORE_CTX")),
    );
  }

  /** Sets the reason of a verification in progress. */
  X509_STORE_CTX_set_error(ctx: X509_STORE_CTX, s: number): void {
    this.c.X509_STORE_CTX_set_error(
      this.ptr(ctx, "X509_STORE_CTX"),
      int(s, "s"),
    );
  }

  /** Sets the callback for the key log. */
  SSL_CTX_set_keylog_callback(ctx: SSL_CTX, cb: KeylogCallback | null): void {
    this.setCallback(ctx, "keylog", cb, (trampoline) => {
      this.c.SSL_CTX_set_keylog_callback(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Sets the callback for protocol messages of later connections. */
  SSL_CTX_set_msg_callback(ctx: SSL_CTX, cb: MessageCallback | null): void {
    this.setCallback(ctx, "message", cb, (trampoline) => {
      this.c.SSL_CTX_set_msg_callback(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Sets the callback for protocol messages of one connection. */
  SSL_set_msg_callback(ssl: SSL, cb: MessageCallback | null): void {
    this.setCallback(ssl, "message", cb, (trampoline) => {
      this.c.SSL_set_msg_callback(this.ptr(ssl, "SSL"), trampoline);
    });
  }

  /** Sets the callback for state changes and alerts. */
  SSL_CTX_set_info_callback(ctx: SSL_CTX, cb: InfoCallback | null): void {
    this.setCallback(ctx, "info", cb, (trampoline) => {
      this.c.SSL_CTX_set_info_callback(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Sets the callback for state changes and alerts of one connection. */
  SSL_set_info_callback(ssl: SSL, cb: InfoCallback | null): void {
    this.setCallback(ssl, "info", cb, (trampoline) => {
      this.c.SSL_set_info_callback(this.ptr(ssl, "SSL"), trampoline);
    });
  }

  /** Sets the callback that makes session ids (servers): 1. */
  SSL_CTX_set_generate_session_id(
    ctx: SSL_CTX,
    cb: GenerateSessionIdCallback | null,
  ): number {
    this.setCallback(ctx, "generate_session_id", cb, (trampoline) => {
      this.c.SSL_CTX_set_generate_session_id(
        this.ptr(ctx, "SSL_CTX"),
        trampoline,
      );
    });
    return 1;
  }

  /** {@linkcode SSL_CTX_set_generate_session_id} for one connection. */
  SSL_set_generate_session_id(
    ssl: SSL,
    cb: GenerateSessionIdCallback | null,
  ): number {
    this.setCallback(ssl, "generate_session_id", cb, (trampoline) => {
      this.c.SSL_set_generate_session_id(this.ptr(ssl, "SSL"), trampoline);
    });
    return 1;
  }

  /** Sets the callback for a client's pre-shared key. */
  SSL_CTX_set_psk_client_callback(
    ctx: SSL_CTX,
    cb: PskClientCallback | null,
  ): void {
    this.setCallback(ctx, "psk_client", cb, (trampoline) => {
      this.c.SSL_CTX_set_psk_client_callback(
        this.ptr(ctx, "SSL_CTX"),
        trampoline,
      );
    });
  }

  /** Sets the callback for a server's pre-shared keys. */
  SSL_CTX_set_psk_server_callback(
    ctx: SSL_CTX,
    cb: PskServerCallback | null,
  ): void {
    this.setCallback(ctx, "psk_server", cb, (trampoline) => {
      this.c.SSL_CTX_set_psk_server_callback(
        this.ptr(ctx, "SSL_CTX"),
        trampoline,
      );
    });
  }

  /** Sets the callback for certificate status requests: 1. */
  SSL_CTX_set_tlsext_status_cb(
    ctx: SSL_CTX,
    cb: StatusCallback | null,
  ): number {
    this.setCallback(ctx, "status", cb, (trampoline) => {
      this.#callbackCtrl(ctx, SSL_CTRL.SET_TLSEXT_STATUS_REQ_CB, trampoline);
      this.#selfAsArgument(ctx, SSL_CTRL.SET_TLSEXT_STATUS_REQ_CB_ARG);
    });
    return 1;
  }

  /** Asks for the certificate's status, `TLSEXT_STATUSTYPE_ocsp` (clients): 1 or 0. */
  SSL_set_tlsext_status_type(ssl: SSL, type: number): number {
    return this.c.SSL_ctrl(
      this.ptr(ssl, "SSL"),
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_TYPE,
      int(type, "type"),
      NULL,
    );
  }

  /** Sets the OCSP response to staple, in DER (servers, in the status callback): 1. */
  SSL_set_tlsext_status_ocsp_resp(ssl: SSL, resp: Uint8Array): number {
    const ptr = this.ptr(ssl, "SSL");
    const block = this.c.malloc(Math.max(bytes(resp, "resp").length, 1));
    if (block === 0) return 0;
    this.memory.write(block, resp);
    return this.c.SSL_ctrl(
      ptr,
      SSL_CTRL.SET_TLSEXT_STATUS_REQ_OCSP_RESP,
      resp.length,
      block,
    );
  }

  /** The stapled OCSP response, in DER (clients); `null` if there was none. */
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

  #onAlpn(
    ssl: Ptr<"SSL">,
    ctx: Ptr<"SSL_CTX">,
    out: Address,
    outLength: Address,
    offered: Address,
    length: number,
  ): number {
    const protocols = alpnProtocols(this.memory.read(offered, length));
    const answer = this.callbackOf<AlpnSelectCallback>(ctx, "alpn_select")?.(
      this.passed("SSL", ssl),
      [...protocols.keys()],
    ) ?? SSL_TLSEXT_ERR_NOACK;
    if (typeof answer === "number") return answer;
    const position = protocols.get(answer);
    if (position === undefined) {
      throw new TypeError(
        `Cannot select the ALPN protocol ${
          JSON.stringify(answer)
        }: the client offers ${[...protocols.keys()].join(", ")}`,
      );
    }
    this.memory.writeWord(out, offered + position);
    this.memory.writeByte(outLength, answer.length);
    return SSL_TLSEXT_ERR_OK;
  }

  #onVerify(
    preverifyOk: number,
    storeCtx: Ptr<"X509_STORE_CTX">,
    ssl: Ptr<"SSL">,
  ): number {
    const callback = this.callbackOf<VerifyCallback>(ssl, "verify");
    if (!callback) return preverifyOk;
    try {
      return callback(
        preverifyOk,
        this.passed("X509_STORE_CTX", storeCtx),
        this.passed("SSL", ssl),
      );
    } finally {
      this.ffi.handles.freed(storeCtx);
    }
  }

  #onGenerateSessionId(
    ssl: Ptr<"SSL">,
    id: Address,
    length: Address,
  ): number {
    const name = "generate_session_id";
    const callback = this.callbackOf<GenerateSessionIdCallback>(ssl, name) ??
      this.callbackOf<GenerateSessionIdCallback>(
        this.initialContext(ssl),
        name,
      );
    const max = Math.min(this.memory.readWord(length), MAX_SESSION_ID_BYTES);
    const made = callback?.(this.passed("SSL", ssl), max);
    if (!made) return 0;
    this.memory.write(id, bytes(made, "session id", max));
    this.memory.writeWord(length, made.length);
    return 1;
  }

  #writePsk(psk: Uint8Array, out: Address, max: number): number {
    this.memory.write(out, bytes(psk, "psk", max));
    return psk.length;
  }

  #callbackCtrl(
    ctx: SSL_CTX,
    command: number,
    trampoline: Ptr<"function">,
  ): void {
    this.c.SSL_CTX_callback_ctrl(this.ptr(ctx, "SSL_CTX"), command, trampoline);
  }

  /** C's `void *arg` of a callback: the context that the callback was set on. */
  #selfAsArgument(ctx: SSL_CTX, command: number): void {
    const ptr = this.ptr(ctx, "SSL_CTX");
    this.c.SSL_CTX_ctrl(ptr, command, 0, asArgument(ptr));
  }
}

/** A pointer as C's `void *arg`. */
function asArgument(ptr: Ptr<"SSL_CTX">): Address {
  return ptr as number as Address;
}

/** The names in an ALPN list (RFC 7301, 3.1), one char a byte, and where they start. */
function alpnProtocols(list: Uint8Array): Map<string, number> {
  const protocols = new Map<string, number>();
  for (let at = 0; at < list.length;) {
    const length = list[at] ?? 0;
    const name = list.subarray(at + 1, at + 1 + length);
    protocols.set(String.fromCharCode(...name), at + 1);
    at += 1 + length;
  }
  return protocols;
}
