import { optionRangeError } from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import type { DeliveryStatus } from "./types.ts";

/** An item that leaves the queue. */
export type Item =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

/** An item that enters the queue. */
export type Parcel =
  | {
    readonly kind: "end" | "reset";
    /** Whether the network caused it, so that it arrives with the bytes before it. */
    readonly isCut: boolean;
  }
  | {
    readonly kind: "bytes";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly status: DeliveryStatus;
    /** The index of the corrupted byte. */
    readonly corruptedAt?: number | undefined;
  }
  /** Lost bytes, which are reported when all items before them have arrived. */
  | {
    readonly kind: "lost";
    readonly bytes: Uint8Array;
    readonly status: DeliveryStatus;
  };

/** The settings of a queue. */
export interface QueueSettings {
  /** The largest size of a piece in bytes. */
  readonly fragment: number;
  /** The delay of piece `n` in milliseconds. */
  delayOf(n: number): number;
  /** The time in milliseconds. */
  now(): number;
  /** Reports the status of bytes. */
  tell(bytes: Uint8Array, status: DeliveryStatus): void;
}

/** The bytes in flight in one direction, which leave it in order, in pieces and on time. */
export class NetworkQueue {
  readonly #settings: QueueSettings;
  #parcels: (Parcel & { readonly sentAt: number })[] = [];
  #underway = 0;
  #pieces = 0;
  #arrival: number | null = null;

  /** Creates an empty queue. */
  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  /** The number of bytes in flight. */
  get underway(): number {
    return this.#underway;
  }

  /** The arrival time of the next piece; `null` if there is none. */
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

  /** Adds an item. */
  push(parcel: Parcel): void {
    if ("bytes" in parcel && parcel.bytes.length === 0) return;
    if (parcel.kind === "bytes") this.#underway += parcel.bytes.length;
    this.#parcels.push({ ...parcel, sentAt: this.#settings.now() });
    this.#tellLost();
  }

  /** Removes the next piece, which must have arrived. */
  take(): Item {
    this.#arrival = null;
    const parcel = this.#parcels.shift();
    if (!parcel || parcel.kind === "lost") {
      throw new Error("The queue is empty");
    }
    const { kind } = parcel;
    if (kind !== "bytes") {
      this.#tellLost();
      return { kind };
    }
    const bytes = parcel.bytes.slice(0, this.#settings.fragment);
    const rest = parcel.bytes.subarray(bytes.length);
    const corruptedAt = (parcel.corruptedAt ?? Infinity) - bytes.length;
    if (rest.length > 0) {
      this.#parcels.unshift({
        ...parcel,
        bytes: rest,
        corruptedAt: corruptedAt < 0 ? undefined : corruptedAt,
      });
    }
    this.#underway -= bytes.length;
    this.#settings.tell(bytes, corruptedAt < 0 ? "corrupted" : parcel.status);
    this.#tellLost();
    return { kind, bytes };
  }

  /** Drops everything. */
  clear(): void {
    for (const parcel of this.#parcels.splice(0)) {
      if (parcel.kind === "bytes") this.#settings.tell(parcel.bytes, "dropped");
      if (parcel.kind === "lost") {
        this.#settings.tell(parcel.bytes, parcel.status);
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
      this.#settings.tell(next.bytes, next.status);
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
