/**
 * Calls a program's listener. What it throws, or rejects with, is its own matter: it is
 * printed, and nothing else fails for it.
 */
export function notify(name: string, call: () => unknown): void {
  const complain = (error: unknown): void =>
    console.error(`${name} threw:`, error);
  try {
    const result = call();
    if (result instanceof Promise) result.catch(complain);
  } catch (error) {
    complain(error);
  }
}
