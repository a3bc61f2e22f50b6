import { newPair, newSocketPair } from "./pair/create.ts";
import type {
  TlsPair,
  TlsPairOptions,
  TlsSandbox,
  TlsSocketPair,
  TlsSocketPairOptions,
} from "./pair/types.ts";
import { createTlsSandbox } from "./sandbox.ts";

export type * from "./pair/connect_options.ts";
export type {
  TlsPair,
  TlsPairOptions,
  TlsSocketPair,
  TlsSocketPairOptions,
} from "./pair/types.ts";

/**
 * Creates a client and a server that are connected in memory, over a network that can delay,
 * corrupt and lose bytes. No real time passes, and the same seed sends the same bytes.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name.
 * @throws {RangeError} If an option is out of range.
 * @throws {TlsError} `certificate` or `configuration`, as {@linkcode TlsContext} throws.
 *
 * @example An expired session isn't resumed
 * ```ts
 * import { createTlsPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using pair = createTlsPair({ server: { sessionTimeout: 3600 } });
 * await pair.handshake();
 * assertEquals(await pair.say("client", "hello"), new TextEncoder().encode("hello"));
 *
 * using soon = pair.reconnect();
 * await soon.handshake();
 * assertEquals(soon.server.resumption?.resumed, true);
 *
 * pair.clock.advance(2 * 3_600_000);
 * using late = soon.reconnect();
 * await late.handshake();
 * assertEquals(late.server.resumption?.resumed, false);
 * ```
 *
 * @example A connection that is reset before the server's third message
 * ```ts
 * import { createTlsPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using pair = createTlsPair({
 *   network: { delay: 50, toClient: { drop: { atMessage: 2 } } },
 * });
 * await pair.handshake();
 * assertEquals(pair.client.error?.code, "truncated");
 * assertEquals(pair.server.error?.code, "truncated");
 * ```
 */
export function createTlsPair(options: TlsPairOptions = {}): TlsPair {
  return newPair(options, newSandbox);
}

/**
 * Creates two sockets that are connected in memory, over a network as that of
 * {@linkcode createTlsPair}. The transports are streams that buffer a limited number of bytes
 * in each direction, as TCP does.
 *
 * Real timers remain only where sockets have some, such as `handshakeTimeout`.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name.
 * @throws {RangeError} If an option is out of range.
 * @throws {TlsError} `certificate` or `configuration`, as {@linkcode TlsContext} throws.
 *
 * @example An echo, a byte at a time
 * ```ts
 * import { createTlsSocketPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await using pair = createTlsSocketPair({ network: { fragment: 1 } });
 * pair.server.readable.pipeTo(pair.server.writable);
 * const heard = new Response(pair.client.readable).text();
 * await new Blob(["hello"]).stream().pipeTo(pair.client.writable);
 * assertEquals(await heard, "hello");
 * ```
 */
export function createTlsSocketPair(
  options: TlsSocketPairOptions = {},
): TlsSocketPair {
  return newSocketPair(options, newSandbox);
}

function newSandbox({ seed, clock }: TlsPairOptions): TlsSandbox {
  return createTlsSandbox({ seed, clock });
}
