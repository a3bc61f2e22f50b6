import { messageOf } from "../internal/error_message.ts";

/** The error of a call that failed, such as "Cannot look up the session: …". */
export function failure(action: string, cause: unknown): Error {
  const reason = messageOf(cause);
  return new Error(`Cannot ${action}: ${reason}`, { cause });
}

/**
 * Calls `body`. An error that it throws is thrown as the cause of one that says which action
 * failed.
 *
 * @throws The reason of the signal, if that is aborted before or when `body` fails.
 */
export async function attempt<T>(
  action: string,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await body();
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(action, error);
  }
}
