/** Those who wait for a signal, and the listener that they share. */
interface Waiting {
  readonly actions: Set<() => void>;
  readonly listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `action` when the signal is aborted, unless the function that is returned was called.
 * There is one listener for each signal, however many wait: Node.js 20 warns of an eleventh.
 *
 * @param action Doesn't throw, and is given to one call alone.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  action: () => void,
): () => void {
  if (signal === undefined) return () => {};
  const { actions, listener } = waitingFor.get(signal) ?? begun(signal);
  actions.add(action);
  return () => {
    // A signal of AbortSignal.timeout that is listened to keeps Deno running.
    if (!actions.delete(action) || actions.size > 0) return;
    signal.removeEventListener("abort", listener);
    waitingFor.delete(signal);
  };
}

function begun(signal: AbortSignal): Waiting {
  const actions = new Set<() => void>();
  const listener = (): void => {
    for (const action of actions) action();
  };
  const waiting = { actions, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener("abort", listener);
  return waiting;
}
