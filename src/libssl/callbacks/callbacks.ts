import type { Ffi } from "../../ffi/ffi.ts";
import type { Address, Ptr } from "../../ffi/pointers.ts";
import { bytes, int } from "../arguments.ts";
import { asArgument, FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { Out, SSL, SSL_CTX } from "../handles.ts";

const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_NOACK = 3;
const MAX_SESSION_ID_BYTES = 32;

/**
 * Called with the server name of a client hello, after the client-hello callback. It returns
 * `SSL_TLSEXT_ERR_*`; for `SSL_TLSEXT_ERR_ALERT_FATAL`, `alert.value` is sent.
 */
export type ServernameCallback = (ssl: SSL, alert: Out<number>) => number;

/**
 * Called with the protocols that a client offers. It returns one of them, `SSL_TLSEXT_ERR_NOACK`
 * to continue without a protocol, or `SSL_TLSEXT_ERR_ALERT_FATAL`.
 */
export type AlpnSelectCallback = (
  ssl: SSL,
  offered: string[],
) => string | number;

/** Called with each line of the key log, in `SSLKEYLOGFILE` format. The lines contain secrets. */
export type KeylogCallback = (ssl: SSL, line: string) => void;

/** Called with each protocol message: record headers, handshake messages and alerts. */
export type MessageCallback = (
  write_p: number,
  version: number,
  content_type: number,
  buf: Uint8Array,
  ssl: SSL,
) => void;

/** Called at each step of the state machine and for each alert, with `SSL_CB_*` bits. */
export type InfoCallback = (ssl: SSL, where: number, ret: number) => void;

/** Returns a session id of at most `max` bytes, or `null` to fail the handshake. */
export type GenerateSessionIdCallback = (
  ssl: SSL,
  max: number,
) => Uint8Array | null;

/**
 * The callbacks for server names, ALPN, the key log, messages, state changes and session ids.
 * `null` removes a callback.
 */
export class CallbackFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("servername", (ssl, alert, ctx) => {
      const callback = this.callbackOf<ServernameCallback>(ctx, "servername");
      if (!callback) return SSL_TLSEXT_ERR_NOACK;
      const out: Out<number> = { value: this.memory.readInt(alert) };
      const answer = callback(this.passed("SSL", ssl), out);
      this.memory.writeWord(alert, int(out.value, "alert.value"));
      return answer;
    });
    ffi.implement(
      "alpn_select",
      (ssl, out, outLength, offered, length, ctx) =>
        this.#onAlpn(ssl, ctx, out, outLength, offered, length),
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
  }

  /** Sets the callback for server names. Returns 1. */
  SSL_CTX_set_tlsext_servername_callback(
    ctx: SSL_CTX,
    cb: ServernameCallback | null,
  ): number {
    return this.setCtrlCallback(
      ctx,
      "servername",
      cb,
      SSL_CTRL.SET_TLSEXT_SERVERNAME_CB,
      SSL_CTRL.SET_TLSEXT_SERVERNAME_ARG,
    );
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

  /** Sets the callback that generates session ids (servers). Returns 1. */
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
    const view = bytes(made, "session id", max);
    this.memory.write(id, view);
    this.memory.writeWord(length, view.length);
    return 1;
  }
}

/**
 * The names in an ALPN list (RFC 7301, section 3.1), a character for each byte, and their
 * offsets.
 */
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
