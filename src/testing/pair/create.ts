import { ownOptions } from "../../internal/own_options.ts";
import { EnginePair } from "./engines.ts";
import {
  connectOptionsOf,
  isManualClock,
  OPTION_NAMES,
  setupOf,
} from "./options.ts";
import { SocketPair } from "./sockets.ts";
import type {
  TlsPair,
  TlsPairOptions,
  TlsSandbox,
  TlsSocketPair,
  TlsSocketPairOptions,
} from "./types.ts";

/** `createTlsPair`, given how to create a sandbox. */
export function newPair(
  options: TlsPairOptions,
  newSandbox: (options: TlsPairOptions) => TlsSandbox,
): TlsPair {
  const own = ownOptions(options, OPTION_NAMES, { of: "createTlsPair" });
  const setup = setupOf(own, () => newSandbox(own));
  try {
    return new EnginePair(setup, connectOptionsOf(own), true);
  } catch (error) {
    setup.contexts[Symbol.dispose]();
    throw error;
  }
}

/** `createTlsSocketPair`, given how to create a sandbox. */
export function newSocketPair(
  options: TlsSocketPairOptions,
  newSandbox: (options: TlsPairOptions) => TlsSandbox,
): TlsSocketPair {
  const own = ownOptions(options, {
    ...OPTION_NAMES,
    autoAdvance: true,
    handshakeTimeout: true,
  }, { of: "createTlsSocketPair" });
  const { handshakeTimeout } = own;
  const isManual = isManualClock(own.autoAdvance);
  const setup = setupOf(own, () => newSandbox(own));
  try {
    return new SocketPair(setup, connectOptionsOf(own), {
      isManual,
      handshakeTimeout,
    });
  } catch (error) {
    setup.contexts[Symbol.dispose]();
    throw error;
  }
}
