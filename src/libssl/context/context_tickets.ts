import type { Ptr } from "../../ffi/pointers.ts";
import { bytes, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { SSL_CTX } from "../handles.ts";

const TICKET_KEYS_BYTES = 80;

/** The tickets that the connections of a context issue: their number and their keys. */
export class ContextTicketFunctions extends FunctionGroup {
  /** Sets the number of tickets that a full TLS 1.3 handshake issues. Returns 1. */
  SSL_CTX_set_num_tickets(ctx: SSL_CTX, num_tickets: number): number {
    return this.c.SSL_CTX_set_num_tickets(
      this.#ptr(ctx),
      uint(num_tickets, "num_tickets"),
    );
  }

  /** Returns the number of tickets that a full TLS 1.3 handshake issues. The default is 2. */
  SSL_CTX_get_num_tickets(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_num_tickets(this.#ptr(ctx));
  }

  /** Returns the keys of stateless tickets, 80 bytes. They are secret. */
  SSL_CTX_get_tlsext_ticket_keys(ctx: SSL_CTX): Uint8Array<ArrayBuffer> {
    return this.memory.withBlock(TICKET_KEYS_BYTES, (keys) => {
      this.c.SSL_CTX_ctrl(
        this.#ptr(ctx),
        SSL_CTRL.GET_TLSEXT_TICKET_KEYS,
        TICKET_KEYS_BYTES,
        keys,
      );
      return this.memory.read(keys, TICKET_KEYS_BYTES);
    });
  }

  /** Sets the keys of stateless tickets, 80 bytes. Returns 1, or 0 on failure. */
  SSL_CTX_set_tlsext_ticket_keys(ctx: SSL_CTX, keys: Uint8Array): number {
    return this.memory.withBytes(
      bytes(keys, "keys"),
      (data, length) =>
        this.c.SSL_CTX_ctrl(
          this.#ptr(ctx),
          SSL_CTRL.SET_TLSEXT_TICKET_KEYS,
          length,
          data,
        ),
    );
  }

  #ptr(ctx: SSL_CTX): Ptr<"SSL_CTX"> {
    return this.ptr(ctx, "SSL_CTX");
  }
}
