import process from "node:process";

/** The messages of what is thrown to nobody while an action runs. */
export async function uncaughtIn(
  action: () => Promise<void>,
): Promise<string[]> {
  const all: string[] = [];
  const note = (error: Error): void => void all.push(error.message);
  // Without it, Deno ends the process for those whom it tells first.
  const prevent = (event: ErrorEvent): void => event.preventDefault();
  globalThis.addEventListener("error", prevent);
  process.on("uncaughtException", note);
  try {
    await action();
  } finally {
    globalThis.removeEventListener("error", prevent);
    process.off("uncaughtException", note);
  }
  return all;
}
