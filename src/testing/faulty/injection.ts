import type { MaybePromise } from "../../stores/session_store.ts";
import type { RecordHistory } from "./record_history.ts";
import type { ActiveFault } from "./active_fault.ts";
import { after } from "../../internal/maybe_promise.ts";
import type { StoreMethod } from "../_store_calls.ts";

/** A call on its way to the wrapped store. */
export interface FaultyCall {
  readonly method: StoreMethod;
  /** The session id, if the call is about one. */
  readonly id?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** The record that `set` stores. */
  record?: Uint8Array;
  /** Looks the record of a `take` up without removing it. */
  readonly look?: () => MaybePromise<unknown>;
  /** Calls the wrapped store. */
  act: () => MaybePromise<unknown>;
}

/** The means by which faults are injected. */
export interface FaultTools {
  readonly history: RecordHistory;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly count: (kind: ActiveFault["fault"]["kind"]) => void;
}

/** Injects faults into a call, one after the other, and then makes it. */
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

/** Injects one fault: waits, fails, or changes the effect or the answer of the call. */
function inject(
  armed: ActiveFault,
  call: FaultyCall,
  { history, wait, count }: FaultTools,
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
      const before = history.before(id);
      if (before) answerWith(call, before.record, counted);
      return;
    }
    case "wrong-record": {
      const other = history.ofAnother(id);
      if (other) answerWith(call, other, counted);
      return;
    }
    case "expired": {
      const record = history.now(id);
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

/** Replaces the answer of a call by a record. */
function answerWith(
  call: FaultyCall,
  record: Uint8Array | undefined,
  counted: () => void,
): void {
  const { act } = call;
  counted();
  call.act = () => after(act(), () => record && new Uint8Array(record));
}

/** A copy with one byte changed, if the byte exists. */
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
  // `bytes.with()` would keep the class of a Buffer.
  const copy = new Uint8Array(bytes);
  copy[at < 0 ? at + copy.length : at] = byte ^ xor;
  return copy;
}

function errorOf(fault: { error?: unknown }, method: StoreMethod): unknown {
  return Object.hasOwn(fault, "error")
    ? fault.error
    : new Error(`Planned failure of ${method}`);
}
