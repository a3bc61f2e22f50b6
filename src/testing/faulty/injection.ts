import type { MaybePromise } from "../../stores/session_store.ts";
import type { RecordHistory } from "./record_history.ts";
import type { ActiveFault } from "./active_fault.ts";
import { after } from "../../internal/maybe_promise.ts";
import type { StoreMethod } from "../_store_calls.ts";

/** A call of the store, on its way to the store within. */
export interface FaultyCall {
  readonly method: StoreMethod;
  /** Whose record it is about, if that of one. */
  readonly id?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** What `set` stores. */
  record?: Uint8Array;
  /** What a `take` would find, left where it is. */
  readonly look?: () => MaybePromise<unknown>;
  /** Asks the store within. */
  act: () => MaybePromise<unknown>;
}

/** What faults are made with. */
export interface FaultTools {
  readonly held: RecordHistory;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly count: (kind: ActiveFault["fault"]["kind"]) => void;
}

/** Has the faults happen to a call, one after the other, then makes it. */
export function makeCall(
  call: FaultyCall,
  faults: readonly ActiveFault[],
  tools: FaultTools,
): MaybePromise<unknown> {
  const [first, ...others] = faults;
  if (first === undefined) return call.act();
  return after(
    inject(first, call, tools),
    () => makeCall(call, others, tools),
  );
}

/** Waits, fails, or changes what the call will do and answer. */
function inject(
  armed: ActiveFault,
  call: FaultyCall,
  { held, wait, count }: FaultTools,
): MaybePromise<void> {
  const { fault } = armed;
  const { method, act, id = new Uint8Array() } = call;
  const counted = (): void => count(fault.kind);
  switch (fault.kind) {
    case "latency":
      counted();
      return wait(fault.ms, call.signal);
    case "never":
      counted();
      return new Promise(() => {});
    case "throws-sync":
      counted();
      throw errorOf(fault, method);
    case "error": {
      counted();
      const error = errorOf(fault, method);
      if (!fault.takesEffect) return Promise.reject(error);
      call.act = async () => {
        await act();
        throw error;
      };
      return;
    }
    case "lost-write":
      counted();
      call.act = () => method === "set" || method === "delete" ? undefined : 0;
      return;
    case "duplicate":
      counted();
      call.act = call.look ?? act;
      return;
    case "stale-read": {
      const before = held.before(id);
      if (before) answerWith(call, before.record, counted);
      return;
    }
    case "wrong-record": {
      const other = held.ofAnother(id);
      if (other) answerWith(call, other, counted);
      return;
    }
    case "expired": {
      const record = held.now(id);
      call.act = () =>
        after(act(), (answer) => {
          if (answer || !record) return answer;
          counted();
          return new Uint8Array(record);
        });
      return;
    }
    case "corrupt":
      if (call.record) {
        call.record = corrupted(call.record, armed, counted);
        return;
      }
      call.act = () =>
        after(
          act(),
          (answer) =>
            answer instanceof Uint8Array
              ? corrupted(answer, armed, counted)
              : answer,
        );
  }
}

/** The call takes effect as it would, and is answered with this. */
function answerWith(
  call: FaultyCall,
  record: Uint8Array | undefined,
  counted: () => void,
): void {
  const { act } = call;
  counted();
  call.act = () => after(act(), () => record && new Uint8Array(record));
}

/** A copy with one byte changed, if there is such a byte. */
function corrupted(
  bytes: Uint8Array,
  armed: ActiveFault,
  counted: () => void,
): Uint8Array {
  const { fault } = armed;
  if (fault.kind !== "corrupt") return bytes;
  const at = fault.at ?? Math.floor(armed.draw() * bytes.length);
  const xor = fault.xor ?? 1 + Math.floor(armed.draw() * 255);
  const byte = bytes.at(at);
  if (byte === undefined) return bytes;
  counted();
  // Not `bytes.with()`: it would hand on the class of a Buffer.
  const copy = new Uint8Array(bytes);
  copy[at < 0 ? at + copy.length : at] = byte ^ xor;
  return copy;
}

function errorOf(fault: { error?: unknown }, method: StoreMethod): unknown {
  return Object.hasOwn(fault, "error")
    ? fault.error
    : new Error(`The store failed as planned (${method})`);
}
