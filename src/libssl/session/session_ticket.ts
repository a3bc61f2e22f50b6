import { type Address, offset, type Ptr } from "../../ffi/pointers.ts";
import { bytes, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL_SESSION } from "../handles.ts";

/** The ticket of a session, and the early data, server name and protocol that go with it. */
export class SessionTicketFunctions extends FunctionGroup {
  /**
   * Returns the number of bytes of early data that the session allows (RFC 8446, section 4.6.1).
   */
  SSL_SESSION_get_max_early_data(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_max_early_data(this.#ptr(session)) >>> 0;
  }

  /** Sets the number of bytes of early data that the session allows. Returns 1. */
  SSL_SESSION_set_max_early_data(session: SSL_SESSION, max: number): number {
    return this.c.SSL_SESSION_set_max_early_data(
      this.#ptr(session),
      uint(max, "max"),
    );
  }

  /** Returns 1 if the session has a ticket. */
  SSL_SESSION_has_ticket(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_has_ticket(this.#ptr(session));
  }

  /** Returns the lifetime hint of the ticket in seconds. */
  SSL_SESSION_get_ticket_lifetime_hint(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_ticket_lifetime_hint(this.#ptr(session)) >>>
      0;
  }

  /** Returns the ticket that the server sent; empty if there is none. */
  SSL_SESSION_get0_ticket(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_ticket");
  }

  /** Returns the application data of the ticket; empty if there is none. */
  SSL_SESSION_get0_ticket_appdata(
    session: SSL_SESSION,
  ): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_ticket_appdata");
  }

  /** Sets the application data of the ticket. Returns 1, or 0 on failure. */
  SSL_SESSION_set1_ticket_appdata(
    session: SSL_SESSION,
    data: Uint8Array,
  ): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_ticket_appdata",
      bytes(data, "data"),
    );
  }

  /** Returns the server name that the session was negotiated for. */
  SSL_SESSION_get0_hostname(session: SSL_SESSION): string | null {
    return this.memory.readString(
      this.c.SSL_SESSION_get0_hostname(this.#ptr(session)),
    );
  }

  /** Sets the server name. Returns 1, or 0 on failure. */
  SSL_SESSION_set1_hostname(
    session: SSL_SESSION,
    hostname: string | null,
  ): number {
    return this.memory.withString(
      hostname,
      (name) => this.c.SSL_SESSION_set1_hostname(this.#ptr(session), name),
    );
  }

  /** Returns the ALPN protocol that was selected; empty if none was. */
  SSL_SESSION_get0_alpn_selected(
    session: SSL_SESSION,
  ): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_alpn_selected");
  }

  /** Sets the ALPN protocol. Returns 1, or 0 on failure. */
  SSL_SESSION_set1_alpn_selected(
    session: SSL_SESSION,
    alpn: Uint8Array,
  ): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_alpn_selected",
      bytes(alpn, "alpn", 255),
    );
  }

  #ptr(session: SSL_SESSION): Ptr<"SSL_SESSION"> {
    return this.ptr(session, "SSL_SESSION");
  }

  /** Bytes whose address and length C gives by out-parameters. */
  #out(
    session: SSL_SESSION,
    name:
      | "SSL_SESSION_get0_alpn_selected"
      | "SSL_SESSION_get0_ticket"
      | "SSL_SESSION_get0_ticket_appdata",
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(session);
    return this.memory.withWords(2, (data) => {
      const length = offset(data, 4);
      this.c[name](ptr, data, length);
      return this.memory.read(
        this.memory.readWord(data) as Address,
        this.memory.readWord(length),
      );
    });
  }

  #set1(
    session: SSL_SESSION,
    name:
      | "SSL_SESSION_set1_alpn_selected"
      | "SSL_SESSION_set1_ticket_appdata",
    data: Uint8Array,
  ): number {
    const ptr = this.#ptr(session);
    return this.memory.withBytes(
      data,
      (address, length) => this.c[name](ptr, address, length),
    );
  }
}
