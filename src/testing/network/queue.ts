import { optionRangeError } from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import type { WireFate } from "../network.ts";

/** What comes out of a direction. */
export type Item =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

/** What goes into a direction. */
export type Parcel =
  | {
    readonly kind: "end" | "reset";
    /** Whether it is the network's doing, so that it comes with the bytes before it. */
    readonly isCut: boolean;
  }
  | {
    readonly kind: "bytes";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly fate: WireFate;
    /** Which of the bytes was changed. */
    readonly spoilt?: number | undefined;
  }
  /** It won't arrive, which is told when all before it has. */
  | {
    readonly kind: "lost";
    readonly bytes: Uint8Array;
    readonly fate: WireFate;
  };

/** How a queue behaves. */
export interface QueueSettings {
  /** At most how many bytes a piece has. */
  readonly fragment: number;
  /** How long piece `n` takes, in ms. */
  delayOf(n: number): number;
  /** What arrivals are measured by, in ms. */
  now(): number;
  /** Bytes have met their fate. */
  tell(bytes: Uint8Array, fate: WireFate): void;
}

/** What is under way in one direction: it comes out in order, in pieces, in time. */
export class NetworkQueue {
  readonly #settings: QueueSettings;
  #parcels: (Parcel & { readonly sentAt: number })[] = [];
  #underway = 0;
  #pieces = 0;
  #arrival: number | null = null;

  /** A queue in which nothing is. */
  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  /** How many bytes haven't arrived. */
  get underway(): number {
    return this.#underway;
  }

  /** When the next piece arrives, or could have, but for those before; `null` without one. */
  get arrival(): number | null {
    const [next] = this.#parcels;
    if (!next) return null;
    if (this.#arrival === null) {
      const isAtOnce = next.kind === "lost" ||
        (next.kind !== "bytes" && next.isCut);
      this.#arrival = next.sentAt + (isAtOnce ? 0 : this.#delay());
    }
    return this.#arrival;
  }

  /** Puts something in. */
  push(parcel: Parcel): void {
    if ("bytes" in parcel && parcel.bytes.length === 0) return;
    if (parcel.kind === "bytes") this.#underway += parcel.bytes.length;
    this.#parcels.push({ ...parcel, sentAt: this.#settings.now() });
    this.#tellLost();
  }

  /** Takes the next piece out. There is one, and it has arrived. */
  take(): Item {
    this.#arrival = null;
    const parcel = this.#parcels.shift();
    if (!parcel || parcel.kind === "lost") {
      throw new Error("Nothing is under way");
    }
    const { kind } = parcel;
    if (kind !== "bytes") {
      this.#tellLost();
      return { kind };
    }
    const bytes = parcel.bytes.slice(0, this.#settings.fragment);
    const rest = parcel.bytes.subarray(bytes.length);
    const spoilt = (parcel.spoilt ?? Infinity) - bytes.length;
    if (rest.length > 0) {
      this.#parcels.unshift({
        ...parcel,
        bytes: rest,
        spoilt: spoilt < 0 ? undefined : spoilt,
      });
    }
    this.#underway -= bytes.length;
    this.#settings.tell(bytes, spoilt < 0 ? "corrupted" : parcel.fate);
    this.#tellLost();
    return { kind, bytes };
  }

  /** Loses everything. */
  clear(): void {
    for (const parcel of this.#parcels.splice(0)) {
      if (parcel.kind === "bytes") this.#settings.tell(parcel.bytes, "dropped");
      if (parcel.kind === "lost") {
        this.#settings.tell(parcel.bytes, parcel.fate);
      }
    }
    this.#underway = 0;
    this.#arrival = null;
  }

  #tellLost(): void {
    for (
      let [next] = this.#parcels;
      next?.kind === "lost";
      [next] = this.#parcels
    ) {
      this.#settings.tell(next.bytes, next.fate);
      this.#parcels.shift();
    }
  }

  #delay(): number {
    const delay = this.#settings.delayOf(this.#pieces++);
    if (Number.isFinite(delay) && delay >= 0) return delay;
    throw optionRangeError(
      "delay",
      `must return a finite number of at least 0, received ${received(delay)}`,
    );
  }
}
