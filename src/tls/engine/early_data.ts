import { checkedBytes } from "../../internal/option_checks.ts";
import {
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import {
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_REJECTED,
} from "../../libssl/constants.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Negotiated } from "../../libssl/machine_types.ts";
import type { ContextCore } from "../context/context_core.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { TlsEngineOptions } from "./engine_setup.ts";
import type { EarlyDataStatus } from "../peer/connection_info.ts";
import { Input } from "./input.ts";

/** Early data of one connection, in either role (RFC 8446, 2.3). */
export class EarlyData {
  /** The early data that was received. */
  readonly received: ByteQueue = new ByteQueue();
  /** The early data that is to be sent. */
  readonly unsent: Input = new Input();
  readonly #isWithheld: boolean;

  private constructor(toSend?: Uint8Array, isWithheld = false) {
    this.#isWithheld = isWithheld;
    if (toSend && !isWithheld) this.unsent.push(toSend);
  }

  /** For a server whose sessions allow early data, or those of a context that it may choose. */
  static ofServer(core: ContextCore): EarlyData | undefined {
    return core.sessions.maxEarlyData > 0 || core.choosesByName
      ? new EarlyData()
      : undefined;
  }

  /**
   * For a client that has early data to send. If the session isn't offered, the data isn't sent,
   * and counts as rejected.
   *
   * @throws {TypeError} If it isn't bytes, or there is no session that allows it.
   * @throws {RangeError} If it is more than the session allows.
   */
  static ofClient(
    machine: MachineConnection,
    { earlyData, session }: TlsEngineOptions,
    isOffered: boolean,
  ): EarlyData | undefined {
    if (earlyData === undefined) return undefined;
    const data = checkedBytes(earlyData, "earlyData");
    const max = session?.maxEarlyData ?? 0;
    if (max === 0) {
      throw optionTypeError(
        "earlyData",
        (nameOf) =>
          `needs ${nameOf(["session"])} with a session that allows it`,
      );
    }
    if (data.length > max) {
      throw optionRangeError(
        "earlyData",
        `must be at most ${max} bytes, received ${data.length}`,
      );
    }
    if (isOffered) machine.writeEarlyData();
    return new EarlyData(data, !isOffered);
  }

  /** Returns the status of the early data. */
  statusOf({ earlyDataStatus }: Negotiated): EarlyDataStatus {
    if (this.#isWithheld) return "rejected";
    switch (earlyDataStatus) {
      case SSL_EARLY_DATA_ACCEPTED:
        return "accepted";
      case SSL_EARLY_DATA_REJECTED:
        return "rejected";
      default:
        return "none";
    }
  }
}
