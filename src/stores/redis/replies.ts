import { Buffer } from "node:buffer";
import { failure, reasonOf } from "../_failures.ts";
import type { Command } from "./client.ts";

/** The bytes that a server answered with; `undefined` for its null. */
export function bytesFrom(reply: unknown): Uint8Array | undefined {
  if (reply === null || reply === undefined) return undefined;
  // Decoding text would be wrong: most bytes of a record are none.
  if (reply instanceof Uint8Array) return reply;
  throw unexpected("bytes", reply);
}

/** The number that a server answered with. */
export function numberFrom(reply: unknown): number {
  // Some options of the clients make strings of numbers.
  const number = reply instanceof Uint8Array ? textOf(reply) : reply;
  if (typeof number === "number" || typeof number === "string") {
    return Number(number);
  }
  throw unexpected("a number", reply);
}

/** The list of byte strings that a server answered with. */
export function listFrom(reply: unknown): Uint8Array[] {
  if (!Array.isArray(reply)) throw unexpected("a list", reply);
  return reply.map((item) => bytesFrom(item) ?? new Uint8Array());
}

/** The cursor and the keys that SCAN answers with. */
export function pageFrom(reply: unknown): { cursor: string; keys: string[] } {
  if (!Array.isArray(reply)) throw unexpected("a list", reply);
  const cursor = bytesFrom(reply[0]);
  if (cursor === undefined) throw unexpected("a cursor", reply[0]);
  return { cursor: textOf(cursor), keys: listFrom(reply[1]).map(textOf) };
}

/**
 * Sends a command and reads the reply.
 *
 * @throws {Error} If that fails, with what can't be done and why; or the
 * signal's reason, if it is aborted by then.
 */
export async function attempt<T>(
  what: string,
  [command]: Command,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(what, command, error);
  }
}

function failureOf(what: string, command: string, error: unknown): Error {
  // The server's own words quote the arguments.
  if (/^ERR unknown command/i.test(reasonOf(error))) {
    return new Error(
      `Cannot ${what}: the server doesn't know the command ${command}; ` +
        "it must be Redis 6.2 or later, or Valkey",
    );
  }
  return failure(what, withoutArguments(error));
}

/** Leaves out what ioredis adds to errors: all that it sent. */
function withoutArguments(error: unknown): unknown {
  if (!(error instanceof Error) || !("command" in error)) return error;
  const bare = new Error(error.message);
  bare.name = error.name;
  return bare;
}

function unexpected(expected: string, reply: unknown): Error {
  return new Error(
    `the client answered with ${typeof reply} where ${expected} should be`,
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
