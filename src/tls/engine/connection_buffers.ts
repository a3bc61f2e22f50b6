import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Run } from "../../libssl/machine_types.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { EarlyData } from "./early_data.ts";
import { Input } from "./input.ts";

/** What one run of a machine is for. */
export interface RunPurpose {
  /** The early data, as long as the handshake is under way. */
  readonly early: EarlyData | undefined;
  /** Whether the handshake is under way. */
  readonly isHandshaking: boolean;
  /** Whether what is unwritten may be written, once the handshake is done. */
  readonly mayWrite: boolean;
  /** Whether close_notify follows what is written. */
  readonly ends: boolean;
}

/** The queues of bytes to and from the machine of one connection. */
export class ConnectionBuffers {
  /** Bytes from the peer and data to be written that the machine has not taken yet. */
  readonly incoming: Input = new Input();
  readonly unwritten: Input = new Input();
  /** Application data that was received. */
  readonly plaintext: ByteQueue = new ByteQueue();
  /** Bytes for the peer, and those that are held back until a store has answered (`commit`). */
  readonly outgoing: ByteQueue = new ByteQueue();
  readonly held: ByteQueue = new ByteQueue();

  /** Runs a machine once: returns the results, and whether input is left that it may take next. */
  run(
    machine: MachineConnection,
    { early, isHandshaking, mayWrite, ends }: RunPurpose,
  ): { readonly result: Run; readonly hasLeft: boolean } {
    const unwritten = mayWrite ? this.unwritten : undefined;
    const writes = isHandshaking ? early?.unsent : unwritten;
    const incoming = this.incoming.peek();
    const data = writes?.peek();
    const isAllEarlyData = writes?.isLast ?? true;
    const result = machine.run({
      incoming,
      data,
      // Only in the last of several runs that write.
      ends: ends && mayWrite && this.unwritten.isLast,
      isAllEarlyData,
    });
    this.incoming.drop(result.taken);
    writes?.drop(result.written);
    if (result.plaintext.length > 0) {
      (isHandshaking ? early?.received : this.plaintext)?.push(
        result.plaintext,
      );
    }
    const hasLeft = hasNext(incoming, result.taken, this.incoming) ||
      hasNext(data, result.written, writes);
    return { result, hasLeft };
  }

  /** Queues the bytes that were held back: the store has answered. */
  release(): void {
    if (!this.held.isEmpty) this.outgoing.push(this.held.takeAll());
  }
}

/** Whether the machine took all that it was given of an input, and more is left. */
function hasNext(
  given: Uint8Array | undefined,
  taken: number,
  input: Input | undefined,
): boolean {
  return given !== undefined && taken === given.length &&
    input?.isEmpty === false;
}
