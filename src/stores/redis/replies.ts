import { Buffer } from "node:buffer";
import { failure } from "../_failures.ts";
import type { Command } from "./client.ts";

/** The bytes of a reply; `undefined` for null. */
export function bytesFrom(reply: unknown): Uint8Array | undefined {
  if (reply === null || reply === undefined) return undefined;
  // A string would be a wrong decoding: records aren't text.
  if (reply instanceof Uint8Array) return reply;
  throw unexpected("bytes", reply);
}

/** The number of a reply. */
export function numberFrom(reply: unknown): number {
  // With some options, clients return numbers as strings.
  const number = reply instanceof Uint8Array ? textOf(reply) : reply;
  if (typeof number === "number" || typeof number === "string") {
    return Number(number);
  }
  throw unexpected("a number", reply);
}

/** The list of byte strings of a reply. */
export function listFrom(reply: unknown): Uint8Array[] {
  if (!Array.isArray(reply)) throw unexpected("a list", reply);
  return reply.map((item) => bytesFrom(item) ?? new Uint8Array());
}

/** The cursor and the keys of a reply to SCAN. */
export function pageFrom(reply: unknown): { cursor: string; keys: string[] } {
  if (!Array.isArray(reply)) throw unexpected("a list", reply);
  const cursor = bytesFrom(reply[0]);
  if (cursor === undefined) throw unexpected("a cursor", reply[0]);
  return { cursor: textOf(cursor), keys: listFrom(reply[1]).map(textOf) };
}

/**
 * Calls `body`, which sends a command and reads the reply.
 *
 * @throws {Error} If that fails, with the action and the reason; or the reason of the signal, if
 * that is aborted by then.
 */
export async function attempt<T>(
  action: string,
  [command]: Command,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(action, command, error);
  }
}

function failureOf(action: string, command: string, error: unknown): Error {
  // The reply quotes the arguments of the command, which are secret.
  if (isUnknownCommand(error)) {
    return new Error(
      `Cannot ${action}: the server doesn't support the command ${command}; ` +
        "it must be Redis 6.2 or later, or Valkey",
    );
  }
  return failure(action, withoutArguments(error));
}

/** An error reply is a text (RESP). The clients make it the message of an error. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof Error && /^ERR unknown command/i.test(error.message);
}

/** A copy of an error without the command and its arguments, which ioredis adds to it. */
function withoutArguments(error: unknown): unknown {
  if (!(error instanceof Error) || !("command" in error)) return error;
  const bare = new Error(error.message);
  bare.name = error.name;
  return bare;
}

function unexpected(expected: string, reply: unknown): Error {
  return new Error(
    `the client returned ${typeof reply} instead of ${expected}`,
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
