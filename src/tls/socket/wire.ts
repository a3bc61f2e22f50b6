import { messageOf } from "../../internal/error_message.ts";
import { TlsError } from "../../internal/tls_error.ts";

/** How a connection ends: by close_notify, by a failure after which an alert is sent, or at once. */
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
  /** The error of a failed write. */
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
  /** Releases the transport as `mode` says. Never rejects. */
  release(mode: EndMode): Promise<void>;
  /** Keeps the runtime alive for this transport, as by default. */
  ref(): void;
  /** Lets the runtime end in spite of this transport. */
  unref(): void;
}

/** Returns the connection's error for an error of the transport. */
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
