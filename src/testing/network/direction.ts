import { concat } from "../../internal/bytes.ts";
import { type Item, NetworkQueue, type QueueSettings } from "./queue.ts";
import type {
  NetworkEnd,
  NetworkFaults,
  NetworkObserver,
  WireFate,
} from "../network.ts";

/** A record's header (RFC 8446, section 5.1). */
const HEADER_BYTES = 5;

/** How one direction is set up. */
export interface DirectionSettings extends Omit<QueueSettings, "tell"> {
  /** What goes wrong. */
  readonly faults: NetworkFaults;
  /** Who is told. */
  readonly observer: NetworkObserver | undefined;
}

/** Where a direction is cut off, and how. */
interface Cut {
  readonly at: number;
  readonly kind: "end" | "reset";
  readonly fate: "truncated" | "dropped";
}

/** One direction of a network: a queue, and what goes wrong before it. */
export class Direction {
  /** Whom it leads to. */
  readonly to: NetworkEnd;
  readonly #queue: NetworkQueue;
  readonly #faults: NetworkFaults;
  readonly #observer: NetworkObserver | undefined;
  #captured: Uint8Array[] = [];
  #carried = 0;
  #messages = 0;
  #cut: Cut | undefined;
  #corruptAt: number | undefined;
  /** What becomes of further bytes, if they can't pass. */
  #lost: "truncated" | "dropped" | undefined;

  /** A direction in which nothing was sent. */
  constructor(to: NetworkEnd, settings: DirectionSettings) {
    const { faults, observer } = settings;
    this.to = to;
    this.#faults = faults;
    this.#observer = observer;
    this.#queue = new NetworkQueue({
      ...settings,
      tell: (bytes, fate) => observer?.wire(other(to), bytes, fate),
    });
    const at = faults.corrupt?.at;
    this.#corruptAt = typeof at === "number" ? at : undefined;
    this.#cut = firstCut(faults);
    this.#begin();
  }

  /** All that was sent, as it was sent. */
  get captured(): Uint8Array<ArrayBuffer> {
    const all = concat(this.#captured);
    this.#captured = [all];
    return new Uint8Array(all);
  }

  /** How many bytes haven't arrived. */
  get underway(): number {
    return this.#queue.underway;
  }

  /** When the next piece arrives; `null` if nothing is under way. */
  get arrival(): number | null {
    return this.#queue.arrival;
  }

  /** Takes the next piece out. There is one, and it has arrived. */
  take(): Item {
    return this.#queue.take();
  }

  /** Takes bytes on. */
  send(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    this.#captured.push(copy);
    if (this.#faults.replay) this.#lose(copy, "dropped");
    else this.#carry(copy, "delivered");
  }

  /** Where the next handshake message begins. */
  announceMessage(at: number): void {
    const message = this.#messages++;
    const { corrupt, drop } = this.#faults;
    if (
      drop && "atMessage" in drop && drop.atMessage === message &&
      at < (this.#cut?.at ?? Infinity)
    ) {
      this.#cut = { at, kind: "reset", fate: "dropped" };
    }
    if (typeof corrupt?.at === "object" && corrupt.at.message === message) {
      this.#corruptAt = at + HEADER_BYTES + (corrupt.at.byte ?? 0);
    }
  }

  /** The sender has no more, or gives up. */
  end(kind: "end" | "reset"): void {
    // One that something else is replayed in place of isn't connected.
    if (this.#lost || this.#faults.replay) return;
    this.#lost = "dropped";
    this.#queue.push({ kind, isCut: false });
  }

  /** Loses what is under way, and all that follows. */
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

  #carry(bytes: Uint8Array<ArrayBuffer>, fate: WireFate): void {
    if (this.#lost) return this.#lose(bytes, this.#lost);
    const start = this.#carried;
    const kept = bytes.slice(0, (this.#cut?.at ?? Infinity) - start);
    this.#carried += kept.length;
    const changed = this.#corrupt(kept, start);
    // What is replayed wasn't sent by anyone: it is neither corrupted nor lost.
    const spoilt = fate === "replayed" ? undefined : changed;
    this.#queue.push({ kind: "bytes", bytes: kept, fate, spoilt });
    if (this.#carried !== this.#cut?.at) return;
    const { kind, at } = this.#cut;
    this.#note(`${kind === "end" ? "the end" : "a reset"} after ${at} bytes`);
    this.#lost = this.#cut.fate;
    this.#queue.push({ kind, isCut: true });
    if (fate !== "replayed") this.#lose(bytes.slice(kept.length), this.#lost);
  }

  /** Changes the byte that is to be changed: where it is, if it is there. */
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

  #lose(bytes: Uint8Array, fate: WireFate): void {
    this.#queue.push({ kind: "lost", bytes, fate });
  }

  #note(text: string): void {
    this.#observer?.note(`To the ${this.to}: ${text}`);
  }
}

/** The end that isn't this one. */
export function other(end: NetworkEnd): NetworkEnd {
  return end === "client" ? "server" : "client";
}

/** The cut that comes first, of those whose place is known. */
function firstCut({ drop, truncate }: NetworkFaults): Cut | undefined {
  const cuts: Cut[] = [];
  if (truncate) cuts.push({ at: truncate.at, kind: "end", fate: "truncated" });
  if (drop && "atByte" in drop) {
    cuts.push({ at: drop.atByte, kind: "reset", fate: "dropped" });
  }
  return cuts.sort((a, b) => a.at - b.at)[0];
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
