import type { Command, Connection } from "./client.ts";
import { attempt } from "./replies.ts";

/** Sends the commands of a store over a connection. */
export class RedisCommands {
  readonly #connection: Connection;

  /** Uses a connection, which the caller closes. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Sends a command to the server that has the key, and reads the reply.
   *
   * @param action The action, for errors: "Cannot <action>: …".
   */
  send<T>(
    action: string,
    key: string,
    command: Command,
    read: (reply: unknown) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    return attempt(action, command, async () => {
      signal?.throwIfAborted();
      return read(await this.#connection.send(key, command, signal));
    }, signal);
  }
}
