import type { Ffi } from "../ffi/ffi.ts";
import { BioFunctions } from "./bio.ts";
import { CallbackFunctions } from "./callbacks.ts";
import { ClientHelloFunctions } from "./client_hello.ts";
import { ConfFunctions } from "./conf.ts";
import { ConnectionFunctions } from "./connection.ts";
import { ConnectionOptionFunctions } from "./connection_options.ts";
import { ConnectionStateFunctions } from "./connection_state.ts";
import { ContextFunctions } from "./context.ts";
import { CredentialFunctions } from "./credentials.ts";
import { CryptoFunctions } from "./crypto.ts";
import { EarlyDataFunctions } from "./early_data.ts";
import { ErrorFunctions } from "./error.ts";
import { PemFunctions } from "./pem.ts";
import { PskFunctions } from "./psk.ts";
import { SessionFunctions } from "./session.ts";
import { SessionCacheFunctions } from "./session_cache.ts";
import { SessionStatisticFunctions } from "./session_statistics.ts";
import { StatusFunctions } from "./status.ts";
import { TicketKeyFunctions } from "./ticket_key.ts";
import { VerifyFunctions } from "./verify.ts";
import { X509Functions } from "./x509.ts";
import { X509BuildFunctions } from "./x509_build.ts";
import { X509CrlFunctions } from "./x509_crl.ts";

const CHAPTERS = [
  SessionCacheFunctions,
  SessionStatisticFunctions,
  SessionFunctions,
  ContextFunctions,
  ConnectionFunctions,
  ConnectionOptionFunctions,
  ConnectionStateFunctions,
  CallbackFunctions,
  VerifyFunctions,
  PskFunctions,
  StatusFunctions,
  ClientHelloFunctions,
  EarlyDataFunctions,
  ConfFunctions,
  BioFunctions,
  X509Functions,
  X509BuildFunctions,
  X509CrlFunctions,
  PemFunctions,
  CredentialFunctions,
  TicketKeyFunctions,
  CryptoFunctions,
  ErrorFunctions,
];

/**
 * OpenSSL's functions under their own names and with their own results: 1 and 0,
 * handles and `null`. Misuse (a wrong type, a freed handle) is a `TypeError` or
 * `RangeError`. The functions can be taken apart: `const { SSL_new } = libssl`.
 *
 * What differs from C: a pointer with a length is a `Uint8Array`, which is copied;
 * a string is a string; a `void *` argument of a callback is a closure.
 */
export interface Libssl
  extends
    Pick<SessionCacheFunctions, keyof SessionCacheFunctions>,
    Pick<SessionStatisticFunctions, keyof SessionStatisticFunctions>,
    Pick<SessionFunctions, keyof SessionFunctions>,
    Pick<ContextFunctions, keyof ContextFunctions>,
    Pick<ConnectionFunctions, keyof ConnectionFunctions>,
    Pick<ConnectionOptionFunctions, keyof ConnectionOptionFunctions>,
    Pick<ConnectionStateFunctions, keyof ConnectionStateFunctions>,
    Pick<CallbackFunctions, keyof CallbackFunctions>,
    Pick<VerifyFunctions, keyof VerifyFunctions>,
    Pick<PskFunctions, keyof PskFunctions>,
    Pick<StatusFunctions, keyof StatusFunctions>,
    Pick<ClientHelloFunctions, keyof ClientHelloFunctions>,
    Pick<EarlyDataFunctions, keyof EarlyDataFunctions>,
    Pick<ConfFunctions, keyof ConfFunctions>,
    Pick<BioFunctions, keyof BioFunctions>,
    Pick<X509Functions, keyof X509Functions>,
    Pick<X509BuildFunctions, keyof X509BuildFunctions>,
    Pick<X509CrlFunctions, keyof X509CrlFunctions>,
    Pick<PemFunctions, keyof PemFunctions>,
    Pick<CredentialFunctions, keyof CredentialFunctions>,
    Pick<TicketKeyFunctions, keyof TicketKeyFunctions>,
    Pick<CryptoFunctions, keyof CryptoFunctions>,
    Pick<ErrorFunctions, keyof ErrorFunctions> {}

/** The functions of all chapters for one instance. */
export function createLibssl(ffi: Ffi): Libssl {
  const functions: Record<string, unknown> = {};
  for (const Chapter of CHAPTERS) {
    const chapter = new Chapter(ffi);
    const methods = chapter as unknown as Record<string, () => unknown>;
    for (const name of Object.getOwnPropertyNames(Chapter.prototype)) {
      if (name === "constructor") continue;
      functions[name] = methods[name]?.bind(chapter);
    }
  }
  return Object.freeze(functions) as unknown as Libssl;
}
