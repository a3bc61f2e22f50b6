import type { Feed } from "./feed.ts";

/**
 * Reads from a feed of bytes into a buffer of the caller's.
 *
 * @returns How many bytes there are, or `null` at the end. Rejects with what the feed failed
 * for.
 */
export function readInto(
  feed: Feed<Uint8Array<ArrayBuffer>>,
  into: Uint8Array,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    feed.read({
      take(item): Uint8Array<ArrayBuffer> | undefined {
        const count = Math.min(item.length, into.length);
        if (count === item.length) {
          into.set(item);
          resolve(count);
          return undefined;
        }
        into.set(item.subarray(0, count));
        resolve(count);
        return item.subarray(count);
      },
      end(reason): void {
        if (reason) reject(reason.error);
        else resolve(null);
      },
    });
  });
}
