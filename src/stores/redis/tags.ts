/**
 * The index of a tag: a sorted set whose members all have the score 0 and so are in the order of
 * their bytes, which are the expiry of a session and its id. Members are removed only by age, so
 * reading the index page by page misses none.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Command } from "./client.ts";

/**
 * How long ids are kept after they have expired, in milliseconds: longer than the difference of
 * the servers' clocks, and than the time between the writes of an id and of its record.
 */
const SLACK = 60_000;

/** How many old ids one `set` removes at most: more than it adds. */
const REMOVED_PER_SET = 16;

/** How many ids are read at once. */
export const TAG_PAGE = 100;

const EXPIRY_BYTES = 8;

/**
 * Adds a member, removes old ones, and extends the expiry of the index to that of the new member.
 * A script, as PEXPIRE has no option GT before Redis 7.0.
 */
const ADD = `
  redis.call('ZADD', KEYS[1], 0, ARGV[1])
  local old = redis.call('ZRANGE', KEYS[1], '-', ARGV[2], 'BYLEX', 'LIMIT', 0, ${REMOVED_PER_SET})
  if #old > 0 then redis.call('ZREM', KEYS[1], unpack(old)) end
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
  end
  return 1`;

/** An id in the index of a tag. */
export interface TaggedId {
  readonly id: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The command that adds an id to an index. */
export function addCommand(
  index: string,
  tagged: TaggedId,
  now: number,
): Command {
  const lifetime = Math.ceil(tagged.expiresAt - now) + SLACK;
  const oldest = Buffer.concat([Buffer.from("("), expiryBytes(now - SLACK)]);
  const member = Buffer.concat([expiryBytes(tagged.expiresAt), tagged.id]);
  return ["EVAL", ADD, "1", index, member, oldest, String(lifetime)];
}

/** The command that lists ids: from the first that has not expired, or those after `last`. */
export function pageCommand(
  index: string,
  now: number,
  last?: Uint8Array,
): Command {
  const from = last === undefined
    ? Buffer.concat([Buffer.from("["), expiryBytes(now - SLACK)])
    : Buffer.concat([Buffer.from("("), last]);
  const limit = ["LIMIT", "0", String(TAG_PAGE)];
  return ["ZRANGE", index, from, "+", "BYLEX", ...limit];
}

/** Decodes a member of an index. */
export function taggedIdOf(member: Uint8Array): TaggedId {
  // Padded: a member that another program added may be too short.
  const bytes = new Uint8Array(Math.max(EXPIRY_BYTES, member.length));
  bytes.set(member);
  const expiresAt = new DataView(bytes.buffer).getFloat64(0);
  return { id: bytes.subarray(EXPIRY_BYTES), expiresAt };
}

/** Bytes in the order of time, as those of non-negative floats are. */
function expiryBytes(time: number): Uint8Array {
  const bytes = new Uint8Array(EXPIRY_BYTES);
  new DataView(bytes.buffer).setFloat64(0, Math.max(0, time));
  return bytes;
}
