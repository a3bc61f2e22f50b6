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

/** The bytes of one connection, on their way to its machine and out of it. */
export class ConnectionBuffers {
  /** What the peer has sent, and what is to be written: as far as it isn't taken. */
  readonly incoming: Input = new Input();
  readonly unwritten: Input = new Input();
  /** Application data that has come. */
  readonly plaintext: ByteQueue = new ByteQueue();
  /** Bytes for the peer, and those that the commit barrier holds back until a store has answered. */
  readonly outgoing: ByteQueue = new ByteQueue();
  readonly held: ByteQueue = new ByteQueue();

  /** Runs a machine once: what has become of it, and whether it took all it was given of more. */
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
      // Not before the last of several runs that write.
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
    const hasLeft = isTaken(incoming, result.taken, this.incoming) ||
      isTaken(data, result.written, writes);
    return { result, hasLeft };
  }

  /** Sends what was held back: the store has answered. */
  release(): void {
    if (!this.held.isEmpty) this.outgoing.push(this.held.takeAll());
  }
}

/** Whether all that was given of an input was taken, and there is more. */
function isTaken(
  given: Uint8Array | undefined,
  taken: number,
  input: Input | undefined,
): boolean {
  return given !== undefined && taken === given.length &&
    input?.isEmpty === false;
}
