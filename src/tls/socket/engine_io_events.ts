import type { TlsSession } from "../sessions/session.ts";

/** What an {@linkcode EngineIo} tells of. */
export interface EngineIoEvents {
  /** The handshake is done. */
  onOpen(): void;
  /** A client was given a session. */
  onSession(session: TlsSession): void;
  /** The peer won't send any more, or nobody wants to read it. */
  onInputEnd(): void;
  /** The transport takes no more. */
  onWriteFailure(error: unknown): void;
  /** The connection has failed. */
  onFailure(error: unknown): void;
}
