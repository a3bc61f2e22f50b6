import type { Feed } from "./feed.ts";

/**
 * Reads from a feed of bytes into a buffer of the caller's.
 *
 * @returns How many bytes there are, or `null` at the end. Rejects with what the feed failed
 * for, and with a `TypeError` if the buffer was detached meanwhile, which loses no data.
 */
export function readInto(
  feed: Feed<Uint8Array<ArrayBuffer>>,
  into: Uint8Array,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    feed.read({
      take(item): Uint8Array<ArrayBuffer> | undefined {
        const count = Math.min(item.length, into.length);
        const isAll = count === item.length;
        try {
          into.set(isAll ? item : item.subarray(0, count));
        } catch (cause) {
          // It was transferred, or made smaller: the next one gets the data.
          reject(
            new TypeError("Cannot read into p: its buffer is gone", { cause }),
          );
          return item;
        }
        resolve(count);
        return isAll ? undefined : item.subarray(count);
      },
      end(reason): void {
        if (reason) reject(reason.error);
        else resolve(null);
      },
    });
  });
}
