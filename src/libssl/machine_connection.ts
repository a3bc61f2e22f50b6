import type { Ffi } from "../ffi/ffi.ts";
import type { Address, Ptr } from "../ffi/pointers.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CTX } from "./handles.ts";
import { AT, type MachineBlock, type MachineField } from "./machine_block.ts";
import type { MachineOwners } from "./machine_owners.ts";
import type {
  ConnectionOwner,
  Negotiated,
  Run,
  RunInput,
} from "./machine_types.ts";

/** The most bytes that one run takes. */
export const STAGING_BYTES = 65_536;

const RUN_ENDS = 1;
const RUN_ALL_EARLY_DATA = 2;

const STATUS_OPENED = 1;
const STATUS_MORE = 2;
const STATUS_PEER_CLOSED = 4;

/** The order is that of `phase` in C. */
const PHASES = ["handshaking", "open", "closing", "closed", "failed"] as const;

/** A connection that C has made, and the number of its owner. */
export interface MadeConnection {
  readonly ptr: Ptr<"SESAME_CONNECTION">;
  readonly owner: number;
  readonly owners: MachineOwners;
}

/**
 * One connection of a {@linkcode Machine}.
 *
 * @internal
 */
export class MachineConnection extends FunctionGroup {
  readonly #block: MachineBlock;
  readonly #owners: MachineOwners;
  readonly #owner: number;
  readonly #connection: Ptr<"SESAME_CONNECTION">;
  readonly #ctx: SSL_CTX;
  readonly #ssl: Ptr<"SSL">;
  #handle: SSL | undefined;
  #isFreed = false;

  /** The connection at `ptr`, of a context. */
  constructor(
    ffi: Ffi,
    block: MachineBlock,
    ctx: SSL_CTX,
    { ptr, owner, owners }: MadeConnection,
  ) {
    super(ffi);
    this.#block = block;
    this.#owners = owners;
    this.#owner = owner;
    this.#connection = ptr;
    this.#ctx = ctx;
    this.#ssl = this.memory.readWord(
      ptr as number as Address,
    ) as Ptr<"SSL">;
    if (this.isFoundByConnection(ctx)) void this.ssl;
  }

  /** The `SSL`, for calls of OpenSSL's own functions; it is borrowed. */
  get ssl(): SSL {
    if (this.#handle === undefined) {
      this.#assertAlive();
      this.#handle = this.passed("SSL", this.#ssl) as SSL;
      this.inherit(this.#handle, this.#ctx);
    }
    return this.#handle;
  }

  /** Sets the receiver of the connection's callbacks. */
  set owner(owner: ConnectionOwner) {
    this.#owners.set(this.#owner, owner);
  }

  /**
   * Throws in a callback, where a connection of the instance is running.
   *
   * @throws {TlsError} `reentrant-call`.
   */
  assertIdle(): void {
    this.ffi.assertOutermost("SSL_do_handshake");
  }

  /**
   * Sets a verify mode, `SSL_VERIFY_*`, in which a failed verification doesn't end the handshake:
   * the caller checks `SSL_get_verify_result` later. The key exchange group is kept.
   */
  judgeLater(verifyMode: number): void {
    this.#assertAlive();
    this.c.sesame_connection_judge_later(this.#connection, verifyMode);
  }

  /** Whether it can be run: not in a callback, where a connection of the instance is running. */
  get isIdle(): boolean {
    return !this.ffi.inCallback;
  }

  /** Makes a client's first runs write early data, which may be empty. */
  writeEarlyData(): void {
    this.c.sesame_connection_write_early_data(this.#connection);
  }

  /** Whether its configuration allows TLS 1.3. */
  get allowsTls13(): boolean {
    this.#assertAlive();
    return this.c.sesame_connection_allows_tls13(this.#connection) === 1;
  }

  /**
   * Runs the connection as far as its input goes.
   *
   * @throws {TlsError} `reentrant-call`, in a callback.
   */
  run({ incoming, data, ends, isAllEarlyData }: RunInput): Run {
    this.assertIdle();
    this.#assertAlive();
    const incomingLength = incoming?.length ?? 0;
    const dataLength = data?.length ?? 0;
    if (incoming) this.memory.write(this.#block.address(AT.incoming), incoming);
    if (data) this.memory.write(this.#block.address(AT.writing), data);
    try {
      this.c.sesame_connection_run(
        this.#connection,
        incomingLength,
        dataLength,
        (ends ? RUN_ENDS : 0) | (isAllEarlyData ? RUN_ALL_EARLY_DATA : 0),
      );
      return this.#result();
    } finally {
      this.#wipe(AT.writing, dataLength);
      this.#wipe(AT.plaintext, this.#block.word(AT.plaintextLength));
    }
  }

  /** Returns the bytes for the peer that OpenSSL's own functions have written. */
  collect(): Run {
    this.#assertAlive();
    this.c.sesame_connection_collect(this.#connection);
    return this.#result();
  }

  /** Returns what is negotiated so far. */
  describe(): Negotiated {
    this.#assertAlive();
    this.c.sesame_connection_describe(this.#connection);
    return this.#negotiated();
  }

  /** Frees it; in a callback, after the outermost call. Its sessions stay resumable. */
  free(): void {
    this.ffi.defer(() => {
      this.#isFreed = true;
      this.#owners.release(this.#owner);
      this.ffi.handles.freed(this.#ssl);
      this.c.sesame_connection_free(this.#connection);
    });
  }

  /** Throws if the connection is freed, such as by a callback. */
  #assertAlive(): void {
    if (this.#isFreed) {
      throw new TypeError("Cannot use the connection: it has been freed");
    }
  }

  #result(): Run {
    const block = this.#block;
    const status = block.word(AT.status);
    return {
      taken: block.word(AT.taken),
      written: block.word(AT.written),
      wire: this.#copy(AT.wire, AT.wireLength),
      plaintext: this.#copy(AT.plaintext, AT.plaintextLength),
      opened: status & STATUS_OPENED ? this.#negotiated() : undefined,
      hasMore: (status & STATUS_MORE) !== 0,
      peerClosed: (status & STATUS_PEER_CLOSED) !== 0,
      phase: PHASES[block.word(AT.phase)] ?? "failed",
      alert: block.word(AT.alert),
      verifyResult: block.word(AT.verifyResult),
      handshakesBegun: block.word(AT.handshakesBegun),
      handshakesDone: block.word(AT.handshakesDone),
    };
  }

  #negotiated(): Negotiated {
    const block = this.#block;
    const certificate = block.bytes(AT.certificate);
    return {
      version: block.word(AT.version),
      isReused: block.word(AT.isReused) === 1,
      cipher: block.constant(AT.cipher) ?? "",
      group: block.text(AT.group),
      serverName: block.text(AT.serverName),
      alpn: block.bytes(AT.alpn),
      earlyDataStatus: block.word(AT.earlyDataStatus),
      certificate: certificate.length > 0 ? certificate : undefined,
    };
  }

  #copy(area: MachineField, length: MachineField): Uint8Array<ArrayBuffer> {
    const block = this.#block;
    return block.copy(block.address(area), block.word(length));
  }

  #wipe(area: MachineField, length: number): void {
    if (length > 0) this.memory.view(this.#block.address(area), length).fill(0);
  }
}
