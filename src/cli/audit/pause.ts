import type { ServerChange } from "../../audit/mod.ts";

/** What the operator is asked for, and how it is undone: null where nothing is. */
const WHAT: Readonly<Record<ServerChange, readonly [string, string | null]>> = {
  "certificate": [
    "have it show another certificate",
    "have it show its first certificate",
  ],
  "client CA": [
    "have it trust another CA for client certificates",
    "have it trust its first CA for client certificates",
  ],
  "client certificate revoked": [
    "have it refuse the client certificate of --cert as revoked",
    "have it accept the client certificate of --cert",
  ],
  "restart": ["restart it", null],
};

/**
 * Returns a function that asks the operator to change the server, and when it is asked for the
 * same again to undo that. It waits for a line of standard input.
 *
 * @throws {Error} If standard input has ended; and the reason of `signal`.
 */
export function changesByOperator(
  server: string,
  signal: AbortSignal,
): (what: ServerChange) => Promise<void> {
  const changed = new Set<ServerChange>();
  return async (what) => {
    const [make, undo] = WHAT[what];
    const isUndone = undo !== null && changed.has(what);
    const task = isUndone ? ` back: ${undo} again` : `: ${make}`;
    // An audit that ends asks to have the change undone, and doesn't wait for that.
    const end = signal.aborted ? "" : " Then press Enter.";
    console.error(`\nChange the server ${server}${task}.${end}`);
    if (isUndone) changed.delete(what);
    else changed.add(what);
    signal.throwIfAborted();
    await lineOr(signal);
  };
}

async function lineOr(signal: AbortSignal): Promise<void> {
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
