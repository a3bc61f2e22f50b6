import { concat, toHex } from "../../internal/bytes.ts";
import { type Item, NetworkQueue, type QueueSettings } from "./queue.ts";
import { type Endpoint, peerOf } from "../endpoint.ts";
import type {
  DeliveryStatus,
  NetworkFaults,
  NetworkObserver,
} from "./types.ts";

/** A record's header (RFC 8446, section 5.1). */
const HEADER_BYTES = 5;

/** The settings of one direction. */
export interface DirectionSettings extends Omit<QueueSettings, "tell"> {
  /** The faults. */
  readonly faults: NetworkFaults;
  /** The observer, if there is one. */
  readonly observer: NetworkObserver | undefined;
}

/** Where and how the network cuts a direction off. */
interface Cut {
  readonly at: number;
  readonly kind: "end" | "reset";
  readonly status: "truncated" | "dropped";
}

/** One direction of a network: its faults, and a queue behind them. */
export class Direction {
  /** The endpoint that it leads to. */
  readonly to: Endpoint;
  readonly #queue: NetworkQueue;
  readonly #faults: NetworkFaults;
  readonly #observer: NetworkObserver | undefined;
  #captured: Uint8Array[] = [];
  #carried = 0;
  #messages = 0;
  #cut: Cut | undefined;
  #corruptAt: number | undefined;
  /** The status of all further bytes, once they are lost. */
  #lost: "truncated" | "dropped" | undefined;

  /** Creates a direction. */
  constructor(to: Endpoint, settings: DirectionSettings) {
    const { faults, observer } = settings;
    this.to = to;
    this.#faults = faults;
    this.#observer = observer;
    this.#queue = new NetworkQueue({
      ...settings,
      tell: (bytes, status) => observer?.wire(peerOf(to), bytes, status),
    });
    const at = faults.corrupt?.at;
    this.#corruptAt = typeof at === "number" ? at : undefined;
    this.#cut = firstCut(faults);
    this.#begin();
  }

  /** All bytes that were sent, before any fault. */
  get captured(): Uint8Array<ArrayBuffer> {
    const all = concat(this.#captured);
    this.#captured = [all];
    return new Uint8Array(all);
  }

  /** The number of bytes in flight. */
  get underway(): number {
    return this.#queue.underway;
  }

  /** The arrival time of the next piece; `null` if nothing is in flight. */
  get arrival(): number | null {
    return this.#queue.arrival;
  }

  /** Removes the next piece, which must have arrived. */
  take(): Item {
    return this.#queue.take();
  }

  /** Sends bytes. */
  send(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    this.#captured.push(copy);
    if (this.#faults.replay) this.#lose(copy, "dropped");
    else this.#carry(copy, "delivered");
  }

  /** Announces the offset of the next handshake message. */
  announceMessage(at: number): void {
    const message = this.#messages++;
    const { corrupt, drop } = this.#faults;
    if (
      drop && "atMessage" in drop && drop.atMessage === message &&
      at < (this.#cut?.at ?? Infinity)
    ) {
      this.#cut = { at, kind: "reset", status: "dropped" };
    }
    if (typeof corrupt?.at === "object" && corrupt.at.message === message) {
      this.#corruptAt = at + HEADER_BYTES + (corrupt.at.byte ?? 0);
    }
  }

  /** Ends or resets the direction on behalf of its sender. */
  end(kind: "end" | "reset"): void {
    // A sender whose bytes are replaced by a capture isn't connected.
    if (this.#lost || this.#faults.replay) return;
    this.#lost = "dropped";
    this.#queue.push({ kind, isCut: false });
  }

  /** Drops the bytes in flight and all further ones. */
  refuse(): void {
    this.#lost ??= "dropped";
    this.#queue.clear();
  }

  #begin(): void {
    const { replay } = this.#faults;
    const bytes = this.to === "server" ? replay?.toServer : replay?.toClient;
    if (bytes) this.#note(`${bytes.length} captured bytes are replayed`);
    this.#carry(new Uint8Array(bytes ?? []), "replayed");
  }

  #carry(bytes: Uint8Array<ArrayBuffer>, status: DeliveryStatus): void {
    if (this.#lost) return this.#lose(bytes, this.#lost);
    const start = this.#carried;
    const kept = bytes.slice(0, (this.#cut?.at ?? Infinity) - start);
    this.#carried += kept.length;
    const changed = this.#corrupt(kept, start);
    // Replayed bytes keep that status: they are reported neither as corrupted nor as lost.
    const corruptedAt = status === "replayed" ? undefined : changed;
    this.#queue.push({ kind: "bytes", bytes: kept, status, corruptedAt });
    if (this.#carried !== this.#cut?.at) return;
    const { kind, at } = this.#cut;
    this.#note(`${kind === "end" ? "the end" : "a reset"} after ${at} bytes`);
    this.#lost = this.#cut.status;
    this.#queue.push({ kind, isCut: true });
    if (status !== "replayed") this.#lose(bytes.slice(kept.length), this.#lost);
  }

  /** Corrupts the planned byte if it is among `bytes`, and returns its index. */
  #corrupt(bytes: Uint8Array, start: number): number | undefined {
    if (this.#corruptAt === undefined) return undefined;
    const at = this.#corruptAt - start;
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    const changed = byte ^ (this.#faults.corrupt?.xor ?? 1);
    bytes[at] = changed;
    this.#note(
      `byte ${this.#corruptAt} is changed from ${hex(byte)} to ${hex(changed)}`,
    );
    return at;
  }

  #lose(bytes: Uint8Array, status: DeliveryStatus): void {
    this.#queue.push({ kind: "lost", bytes, status });
  }

  #note(text: string): void {
    this.#observer?.note(`To the ${this.to}: ${text}`);
  }
}

/** The first of the cuts whose offsets are known. */
function firstCut({ drop, truncate }: NetworkFaults): Cut | undefined {
  const cuts: Cut[] = [];
  if (truncate) {
    cuts.push({ at: truncate.at, kind: "end", status: "truncated" });
  }
  if (drop && "atByte" in drop) {
    cuts.push({ at: drop.atByte, kind: "reset", status: "dropped" });
  }
  return cuts.sort((a, b) => a.at - b.at)[0];
}

function hex(byte: number): string {
  return `0x${toHex(new Uint8Array([byte]))}`;
}
