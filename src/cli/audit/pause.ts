import type { ServerChange } from "../../audit/mod.ts";

/** What the operator is asked for. Probes ask for most changes twice: there, and back. */
const WHAT: Readonly<Record<ServerChange, string>> = {
  "certificate":
    "have it show another certificate (or the first one again, if you have changed it before)",
  "client CA":
    "have it trust another CA for client certificates (or the first one again, if you have changed it before)",
  "client certificate revoked":
    "have it refuse the client certificate of --cert as revoked (or accept it again, if it is revoked)",
  "restart": "restart it",
};

/**
 * Asks the operator to change the server, and waits for a line of standard input.
 *
 * @throws {Error} If standard input has ended; and the reason of `signal`.
 */
export async function askForChange(
  what: ServerChange,
  server: string,
  signal: AbortSignal,
): Promise<void> {
  console.error(
    `\nChange the server ${server}: ${WHAT[what]}. Then press Enter.`,
  );
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason);
  signal.addEventListener("abort", end);
  try {
    await Promise.race([readLine(), ended]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Reads up to the end of a line, and not a byte more: the next lines answer other questions. */
async function readLine(): Promise<void> {
  const byte = new Uint8Array(1);
  while (byte[0] !== "\n".charCodeAt(0)) {
    if (await Deno.stdin.read(byte) === null) {
      throw new Error("Standard input has ended: --pause needs a terminal");
    }
  }
}
