/**
 * The index of a tag: a sorted set whose members are all of score 0, and so in
 * the order of their bytes: when the session expires, then its id. What is
 * there only ever goes by its age, so paging through it misses nothing.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Command } from "./client.ts";

/**
 * How long ids are kept after they have expired, in milliseconds: more than the
 * servers' clocks may differ, and than a record may come after its id.
 */
const SLACK = 60_000;

/** Ids that one `set` clears away at most: more than it adds. */
const SWEPT_PER_SET = 16;

/** Ids that are read at a time. */
export const TAGGED_AT_ONCE = 100;

const EXPIRY_BYTES = 8;

/**
 * Adds a member, clears old ones away, and keeps the index for at least as long
 * as its newest. A script, as PEXPIRE has no GT before Redis 7.0.
 */
const ADD = `
  redis.call('ZADD', KEYS[1], 0, ARGV[1])
  local old = redis.call('ZRANGE', KEYS[1], '-', ARGV[2], 'BYLEX', 'LIMIT', 0, ${SWEPT_PER_SET})
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

/** Adds an id to an index that may not be there yet. */
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

/** Lists ids from the first one that matters, or from what follows another. */
export function pageCommand(
  index: string,
  now: number,
  last?: Uint8Array,
): Command {
  const from = last === undefined
    ? Buffer.concat([Buffer.from("["), expiryBytes(now - SLACK)])
    : Buffer.concat([Buffer.from("("), last]);
  const limit = ["LIMIT", "0", String(TAGGED_AT_ONCE)];
  return ["ZRANGE", index, from, "+", "BYLEX", ...limit];
}

/** What a member of an index says. */
export function taggedIdOf(member: Uint8Array): TaggedId {
  // A copy, so that one too short for ours, whoever added it, names no session.
  const bytes = new Uint8Array(Math.max(EXPIRY_BYTES, member.length));
  bytes.set(member);
  const expiresAt = new DataView(bytes.buffer).getFloat64(0);
  return { id: bytes.subarray(EXPIRY_BYTES), expiresAt };
}

/** Bytes in the order of time: floats that aren't negative are. */
function expiryBytes(time: number): Uint8Array {
  const bytes = new Uint8Array(EXPIRY_BYTES);
  new DataView(bytes.buffer).setFloat64(0, Math.max(0, time));
  return bytes;
}
