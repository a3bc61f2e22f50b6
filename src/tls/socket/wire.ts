import { messageOf } from "../../internal/error_message.ts";
import { TlsError } from "../../internal/tls_error.ts";

/** How a connection ends: in good order, by a failure after which the peer gets an alert, or at once. */
export type EndMode = "closed" | "failed" | "aborted";

/** A transport as a connection uses it: it reads when asked, writes in order and ends once. */
export interface Wire {
  /** The peer's address, if there is one. */
  readonly remoteAddress: string | undefined;
  /** The address at this end, if there is one. */
  readonly localAddress: string | undefined;
  /** How many bytes the transport has not taken yet. */
  readonly unsent: number;
  /** Whether the transport was given anything. */
  readonly hasWritten: boolean;
  /** Why nothing can be written any more, if so. */
  readonly writeError: TlsError | null;
  /** Called whenever a write is done or has failed. */
  onWritten: () => void;
  /**
   * Reads once. Hands what has come to `take`, which may keep it only until it returns.
   *
   * @returns Whether there may be more: false at the end of input.
   * @throws {TlsError} `transport`, if the transport fails; and what `take` throws.
   */
  read(take: (bytes: Uint8Array) => void): Promise<boolean>;
  /** Hands bytes to the transport, after those before. They belong to it from then on. */
  write(bytes: Uint8Array): void;
  /**
   * Resolves when the transport has taken all that was written.
   *
   * @throws {TlsError} `transport`, if the transport fails.
   */
  flushed(): Promise<void>;
  /** Gives the transport back, in as much order as `mode` asks for. Never rejects. */
  release(mode: EndMode): Promise<void>;
  /** Has the runtime stay alive for this transport, as by default. */
  ref(): void;
  /** Lets the runtime end in spite of this transport. */
  unref(): void;
}

/** What a transport failed with, as a connection reports it. */
export function transportError(
  action: "read from" | "write to",
  cause: unknown,
): TlsError {
  const reason = messageOf(cause);
  return new TlsError(
    "transport",
    `Cannot ${action} the transport: ${reason}`,
    { cause },
  );
}
