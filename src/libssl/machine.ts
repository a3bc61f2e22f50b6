import type { Ffi } from "../ffi/ffi.ts";
import { type Address, NULL } from "../ffi/pointers.ts";
import { FunctionGroup } from "./function_group.ts";
import { SSL_CLIENT_HELLO_SUCCESS } from "./constants.ts";
import type { SSL_CTX } from "./handles.ts";
import { AT, MachineBlock } from "./machine_block.ts";
import { MachineConnection } from "./machine_connection.ts";
import { HelloInBlock } from "./machine_hello.ts";
import { MachineOwners } from "./machine_owners.ts";
import type {
  ConnectionSetup,
  ConnectionTickets,
  FoundSession,
  SessionFlaw,
  SessionTerms,
} from "./machine_types.ts";
import { misfitNamed } from "./policy.ts";
import { proofOf, verdictNamed } from "./session_age.ts";

/** The size of the block's area for a session in DER; larger ones are allocated. */
const DER_BYTES = 4096;

const TICKETS: Readonly<Record<ConnectionTickets, number>> = {
  unchanged: 0,
  off: 1,
  stateful: 2,
  stateless: 3,
};

const FLAW_MALFORMED = 1;
const FLAW_MISFIT = 2;
const FLAW_VERDICT = 16;

/**
 * Makes the connections of one instance that run one flight per call: `wasm/connection.c`. It is
 * no API of OpenSSL's, and so no part of `Libssl`.
 *
 * @internal
 */
export class Machine extends FunctionGroup {
  readonly #owners = new MachineOwners();
  readonly #block: MachineBlock;

  /** The machine of one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    this.#block = new MachineBlock(ffi);
    ffi.implement("connection_hello", (owner) => this.#onHello(owner));
    ffi.implement(
      "connection_find_session",
      (owner, id, length) => this.#findSession(owner, id, length),
    );
    ffi.implement(
      "connection_refuse_session",
      (owner, flaw) =>
        this.#owners.get(owner)?.onSessionRefused?.(flawOf(flaw)),
    );
    ffi.implement(
      "connection_new_session",
      (owner) => this.#onNewSession(owner),
    );
  }

  /** Installs the callbacks of a context whose connections have owners. */
  serve(ctx: SSL_CTX): void {
    this.c.sesame_connection_callbacks(this.ptr(ctx, "SSL_CTX"));
  }

  /**
   * Makes a context's servers select the first of these protocols (in the format of
   * `SSL_CTX_set_alpn_protos`) that a client offers; if it offers none of them, the handshake
   * fails. Returns false if memory is exhausted.
   */
  selectAlpn(ctx: SSL_CTX, protocols: Uint8Array): boolean {
    const ptr = this.ptr(ctx, "SSL_CTX");
    return this.memory.withBytes(
      protocols,
      (list, length) => this.c.sesame_select_alpn(ptr, list, length),
    ) === 1;
  }

  /** Makes a connection of a context, which the caller owns; `null` if memory is exhausted. */
  connect(ctx: SSL_CTX, setup: ConnectionSetup): MachineConnection | null {
    const ctxPtr = this.ptr(ctx, "SSL_CTX");
    const owner = this.#owners.reserve();
    let connection: MachineConnection | null = null;
    try {
      const ptr = this.ffi.acquire(
        () =>
          this.c.sesame_connection_new(
            ctxPtr,
            Number(setup.role === "server"),
            setup.pairBytes,
            Number(setup.readsEarlyData),
            owner,
          ),
        (ptr) => this.c.sesame_connection_free(ptr),
      );
      if (ptr !== NULL) {
        connection = new MachineConnection(this.ffi, this.#block, ctx, {
          ptr,
          owner,
          owners: this.#owners,
        });
      }
      return connection;
    } finally {
      if (connection === null) this.#owners.release(owner);
    }
  }

  #onHello(owner: number): number {
    const block = this.#block;
    const answer = this.#owners.get(owner)?.onHello?.(new HelloInBlock(block));
    if (!answer) return SSL_CLIENT_HELLO_SUCCESS;
    block.setWord(AT.helloAlert, answer.alert);
    block.setWord(AT.finds, answer.finds);
    if (answer.terms) this.#setTerms(answer.terms);
    return answer.result;
  }

  #setTerms({ context, tickets, wantsSessions, maxAge }: SessionTerms): void {
    const block = this.#block;
    block.setWord(AT.hasTerms, 1);
    block.setWord(AT.tickets, TICKETS[tickets]);
    block.setWord(AT.wantsSessions, Number(wantsSessions));
    block.setWord(AT.maxAge, maxAge);
    block.setWord(AT.contextLength, context.length);
    this.memory.write(block.addressOf(AT.context), context);
  }

  #findSession(owner: number, id: Address, length: number): number {
    let given = 0;
    this.#owners.get(owner)?.findSession?.(
      this.memory.readLatin1(id, length),
      (found) => given = this.#give(found),
    );
    return given;
  }

  #give({ der, expiresAt, wasTaken }: FoundSession): number {
    const block = this.#block;
    const address = der.length <= DER_BYTES
      ? block.address(AT.derArea)
      : this.c.malloc(der.length);
    if (address === NULL) return 0;
    this.memory.write(address, der);
    block.setBytes(AT.der, address, der.length);
    block.setNumber(AT.sessionExpiresAt, expiresAt);
    block.setWord(AT.wasTaken, Number(wasTaken));
    return der.length;
  }

  #onNewSession(owner: number): void {
    const block = this.#block;
    this.#owners.get(owner)?.onNewSession({
      id: block.bytes(AT.id),
      der: block.bytes(AT.der),
      version: block.word(AT.sessionVersion),
      maxEarlyData: block.word(AT.sessionEarlyData),
      lifetimeHint: block.word(AT.sessionLifetimeHint),
      timeout: block.word(AT.sessionTimeout),
      time: block.number(AT.sessionTime),
      proof: proofOf(
        block.number(AT.sessionProvedAt),
        block.number(AT.sessionNotAfter),
      ),
    });
  }
}

function flawOf(flaw: number): SessionFlaw {
  if (flaw === FLAW_MALFORMED) return "malformed-record";
  return flaw >= FLAW_VERDICT
    ? verdictNamed(flaw - FLAW_VERDICT)
    : misfitNamed(flaw - FLAW_MISFIT) ?? "refused";
}
