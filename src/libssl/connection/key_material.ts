import type { Ptr } from "../../ffi/pointers.ts";
import { bytes, uint, utf8 } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL } from "../handles.ts";

const MAX_FINISHED_BYTES = 64;
const RANDOM_BYTES = 32;

/** Exported key material, and values for channel bindings (SSL_export_keying_material(3)). */
export class KeyMaterialFunctions extends FunctionGroup {
  /**
   * Returns key material of the connection (RFC 5705; RFC 8446, section 7.5), or `null` on
   * failure.
   */
  SSL_export_keying_material(
    ssl: SSL,
    length: number,
    label: string,
    context: Uint8Array | null,
  ): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(ssl);
    uint(length, "length", 0xffff);
    return this.memory.withBlock(
      Math.max(length, 1),
      (out) =>
        this.memory.withBytes(
          utf8(label, "label"),
          (text, textLength) =>
            this.memory.withBytes(
              context === null ? new Uint8Array() : bytes(context, "context"),
              (data, dataLength) =>
                this.c.SSL_export_keying_material(
                    ptr,
                    out,
                    length,
                    text,
                    textLength,
                    data,
                    dataLength,
                    context === null ? 0 : 1,
                  ) === 1
                  ? this.memory.read(out, length)
                  : null,
            ),
        ),
    );
  }

  /** Returns the random of the client hello, 32 bytes; empty before the hello. */
  SSL_get_client_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_client_random", RANDOM_BYTES);
  }

  /** Returns the random of the server hello, 32 bytes; empty before the hello. */
  SSL_get_server_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_server_random", RANDOM_BYTES);
  }

  /** Returns the Finished message that was sent. */
  SSL_get_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_finished", MAX_FINISHED_BYTES);
  }

  /** Returns the Finished message that was received. */
  SSL_get_peer_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_peer_finished", MAX_FINISHED_BYTES);
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #sized(
    ssl: SSL,
    name:
      | "SSL_get_client_random"
      | "SSL_get_server_random"
      | "SSL_get_finished"
      | "SSL_get_peer_finished",
    max: number,
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(ssl);
    return this.memory.withBlock(
      max,
      (out) =>
        this.memory.read(out, Math.min(this.c[name](ptr, out, max), max)),
    );
  }
}
