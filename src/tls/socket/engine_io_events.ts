import type { TlsSession } from "../sessions/session.ts";

/** The events of an {@linkcode EngineIo}. */
export interface EngineIoEvents {
  /** The handshake is done. */
  onOpen(): void;
  /** A client has received a session. */
  onSession(session: TlsSession): void;
  /** The input has ended, or its reader has cancelled it. */
  onInputEnd(): void;
  /** The transport has failed to write. */
  onWriteFailure(error: unknown): void;
  /** The connection has failed. */
  onFailure(error: unknown): void;
}
