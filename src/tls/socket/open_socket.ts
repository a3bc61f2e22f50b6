import { checkedTimeout, checkSignal } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { TlsEngine } from "../engine/engine.ts";
import type { TlsEngineOptions } from "../engine/engine_setup.ts";
import {
  addressesOf,
  type Carrier,
  checkCarrier,
  wireOver,
} from "./carrier.ts";
import { socketOver, type TlsSocket } from "./socket.ts";
import { SocketCore } from "./socket_core.ts";
import type { SocketHooks } from "./socket_settings.ts";
import { ownTimers } from "./socket_timers.ts";
import { checkContext } from "./socket_options.ts";
import type { StartTlsOptions } from "./start_tls_options.ts";

/**
 * Starts TLS over a carrier, which belongs to the socket from then on, unless this throws.
 *
 * @throws {TypeError} If an option is not of its type, the context lacks what the role
 * needs, or the carrier is in use.
 * @throws {RangeError} If an option is out of its range.
 */
export function openSocket(
  carrier: Carrier,
  given: StartTlsOptions,
  hooks?: SocketHooks,
): TlsSocket {
  const options = ownOptions(given);
  const { context, role, signal } = options;
  const handshakeTimeout = checkedTimeout(options.handshakeTimeout);
  checkSignal(signal);
  checkContext(context);
  checkCarrier(carrier);
  const engine = new TlsEngine(context, {
    ...engineOptions(options),
    ...addressesOf(carrier),
  });
  const core = new SocketCore({
    engine,
    role,
    wire: wireOver(carrier),
    handshakeTimeout,
    timers: ownTimers(handshakeTimeout),
    signal,
    hooks,
  });
  core.start();
  return socketOver(core);
}

function engineOptions(options: StartTlsOptions): TlsEngineOptions {
  const { role, hostname, session, earlyData } = options;
  return {
    role,
    ...(hostname !== undefined && { hostname }),
    ...(session !== undefined && { session }),
    ...(earlyData !== undefined && { earlyData }),
  };
}
