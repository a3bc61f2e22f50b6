import type { Ffi } from "../../ffi/ffi.ts";
import { offset } from "../../ffi/pointers.ts";
import type { Address } from "../../ffi/pointers.ts";
import { bytes, utf8 } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CTX } from "../handles.ts";

/**
 * Returns a client's pre-shared key for the hint of a server, `null` in TLS 1.3; or `null` if it
 * has none.
 */
export type PskClientCallback = (
  ssl: SSL,
  hint: string | null,
) => { identity: string; psk: Uint8Array } | null;

/** Returns a server's pre-shared key for the identity of a client, or `null` if it has none. */
export type PskServerCallback = (
  ssl: SSL,
  identity: string,
) => Uint8Array | null;

/** Pre-shared keys (SSL_CTX_set_psk_client_callback(3)). */
export class PskFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("psk_client", (ssl, hint, identity, idMax, psk, pskMax) => {
      const answer = this.callbackOf<PskClientCallback>(ssl, "psk_client")?.(
        this.passed("SSL", ssl),
        this.memory.readString(hint),
      );
      if (!answer) return 0;
      const name = utf8(answer.identity, "identity");
      this.memory.write(identity, bytes(name, "identity", idMax));
      this.memory.writeByte(offset(identity, name.length), 0);
      return this.#writePsk(answer.psk, psk, pskMax);
    });
    ffi.implement("psk_server", (ssl, identity, psk, pskMax) => {
      const answer = this.callbackOf<PskServerCallback>(ssl, "psk_server")?.(
        this.passed("SSL", ssl),
        this.memory.readString(identity) ?? "",
      );
      return answer ? this.#writePsk(answer, psk, pskMax) : 0;
    });
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

  /** {@linkcode SSL_CTX_set_psk_client_callback} for one connection. */
  SSL_set_psk_client_callback(ssl: SSL, cb: PskClientCallback | null): void {
    this.setCallback(ssl, "psk_client", cb, (trampoline) => {
      this.c.SSL_set_psk_client_callback(this.ptr(ssl, "SSL"), trampoline);
    });
  }

  /** {@linkcode SSL_CTX_set_psk_server_callback} for one connection. */
  SSL_set_psk_server_callback(ssl: SSL, cb: PskServerCallback | null): void {
    this.setCallback(ssl, "psk_server", cb, (trampoline) => {
      this.c.SSL_set_psk_server_callback(this.ptr(ssl, "SSL"), trampoline);
    });
  }

  /**
   * Sets the hint by which clients of TLS 1.2 choose their key, or none for `null` (servers).
   * Returns 1, or 0 on failure.
   */
  SSL_use_psk_identity_hint(ssl: SSL, hint: string | null): number {
    return this.memory.withString(
      hint,
      (text) => this.c.SSL_use_psk_identity_hint(this.ptr(ssl, "SSL"), text),
    );
  }

  #writePsk(psk: Uint8Array, out: Address, max: number): number {
    const view = bytes(psk, "psk", max);
    this.memory.write(out, view);
    return view.length;
  }
}
