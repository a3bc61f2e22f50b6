import { TlsError } from "../internal/tls_error.ts";

/**
 * Runs `free`, which frees an object of an instance. An instance that has crashed has no
 * objects left to free: its `TlsError` `instance-dead` is ignored.
 */
export function freeIfAlive(free: () => void): void {
  try {
    free();
  } catch (error) {
    if (!(error instanceof TlsError && error.code === "instance-dead")) {
      throw error;
    }
  }
}
