import type { Ffi } from "../ffi/ffi.ts";
import { BioFunctions } from "./connection/bio.ts";
import { CallbackFunctions } from "./callbacks/callbacks.ts";
import { CertFunctions } from "./callbacks/cert.ts";
import { CipherFunctions } from "./connection/cipher.ts";
import { ClientHelloFunctions } from "./callbacks/client_hello.ts";
import { ConfFunctions } from "./context/conf.ts";
import { ConnectionFunctions } from "./connection/connection.ts";
import { ConnectionOptionFunctions } from "./connection/connection_options.ts";
import { ConnectionStateFunctions } from "./connection/connection_state.ts";
import { ContextFunctions } from "./context/context.ts";
import { ContextAlgorithmFunctions } from "./context/context_algorithms.ts";
import { ContextCredentialFunctions } from "./context/context_credentials.ts";
import { ContextTicketFunctions } from "./context/context_tickets.ts";
import { CryptoFunctions } from "./crypto.ts";
import { EarlyDataFunctions } from "./connection/early_data.ts";
import { ErrorFunctions } from "./error.ts";
import { EvpPkeyFunctions } from "./x509/evp_pkey.ts";
import { KeyMaterialFunctions } from "./connection/key_material.ts";
import { PeerCertificateFunctions } from "./connection/peer_certificate.ts";
import { PemFunctions } from "./x509/pem.ts";
import { Pkcs12Functions } from "./x509/pkcs12.ts";
import { PskFunctions } from "./callbacks/psk.ts";
import { SessionFunctions } from "./session/session.ts";
import { SessionCacheFunctions } from "./session/session_cache.ts";
import { SessionCallbackFunctions } from "./session/session_callbacks.ts";
import { SessionFieldFunctions } from "./session/session_fields.ts";
import { SessionPemFunctions } from "./session/session_pem.ts";
import { SessionStatisticFunctions } from "./session/session_statistics.ts";
import { SessionTicketFunctions } from "./session/session_ticket.ts";
import { StatusFunctions } from "./callbacks/status.ts";
import { TicketKeyFunctions } from "./callbacks/ticket_key.ts";
import { VerifyFunctions } from "./callbacks/verify.ts";
import { X509Functions } from "./x509/x509.ts";
import { X509BuildFunctions } from "./x509/x509_build.ts";
import { X509CrlFunctions } from "./x509/x509_crl.ts";
import { X509StoreFunctions } from "./x509/x509_store.ts";

const GROUPS = [
  SessionCallbackFunctions,
  SessionCacheFunctions,
  SessionStatisticFunctions,
  SessionFunctions,
  SessionFieldFunctions,
  SessionPemFunctions,
  SessionTicketFunctions,
  ContextFunctions,
  ContextAlgorithmFunctions,
  ContextCredentialFunctions,
  ContextTicketFunctions,
  ConnectionFunctions,
  ConnectionOptionFunctions,
  ConnectionStateFunctions,
  CipherFunctions,
  PeerCertificateFunctions,
  KeyMaterialFunctions,
  CallbackFunctions,
  VerifyFunctions,
  PskFunctions,
  StatusFunctions,
  CertFunctions,
  ClientHelloFunctions,
  EarlyDataFunctions,
  TicketKeyFunctions,
  ConfFunctions,
  BioFunctions,
  PemFunctions,
  X509Functions,
  X509BuildFunctions,
  X509CrlFunctions,
  X509StoreFunctions,
  EvpPkeyFunctions,
  Pkcs12Functions,
  CryptoFunctions,
  ErrorFunctions,
];

/**
 * OpenSSL's functions under their own names and with their own results: 1 and 0,
 * handles and `null`. Misuse (a wrong type, a freed handle) throws a `TypeError` or a
 * `RangeError`. The functions don't need `this`: `const { SSL_new } = libssl` works.
 *
 * What differs from C: a pointer with a length is a `Uint8Array`, whose bytes are copied;
 * a `char *` is a string; the `void *` argument of a callback is left out, since the callback
 * is a closure.
 */
export interface Libssl
  extends
    Pick<SessionCallbackFunctions, keyof SessionCallbackFunctions>,
    Pick<SessionCacheFunctions, keyof SessionCacheFunctions>,
    Pick<SessionStatisticFunctions, keyof SessionStatisticFunctions>,
    Pick<SessionFunctions, keyof SessionFunctions>,
    Pick<SessionFieldFunctions, keyof SessionFieldFunctions>,
    Pick<SessionPemFunctions, keyof SessionPemFunctions>,
    Pick<SessionTicketFunctions, keyof SessionTicketFunctions>,
    Pick<ContextFunctions, keyof ContextFunctions>,
    Pick<ContextAlgorithmFunctions, keyof ContextAlgorithmFunctions>,
    Pick<ContextCredentialFunctions, keyof ContextCredentialFunctions>,
    Pick<ContextTicketFunctions, keyof ContextTicketFunctions>,
    Pick<ConnectionFunctions, keyof ConnectionFunctions>,
    Pick<ConnectionOptionFunctions, keyof ConnectionOptionFunctions>,
    Pick<ConnectionStateFunctions, keyof ConnectionStateFunctions>,
    Pick<CipherFunctions, keyof CipherFunctions>,
    Pick<PeerCertificateFunctions, keyof PeerCertificateFunctions>,
    Pick<KeyMaterialFunctions, keyof KeyMaterialFunctions>,
    Pick<CallbackFunctions, keyof CallbackFunctions>,
    Pick<VerifyFunctions, keyof VerifyFunctions>,
    Pick<PskFunctions, keyof PskFunctions>,
    Pick<StatusFunctions, keyof StatusFunctions>,
    Pick<CertFunctions, keyof CertFunctions>,
    Pick<ClientHelloFunctions, keyof ClientHelloFunctions>,
    Pick<EarlyDataFunctions, keyof EarlyDataFunctions>,
    Pick<TicketKeyFunctions, keyof TicketKeyFunctions>,
    Pick<ConfFunctions, keyof ConfFunctions>,
    Pick<BioFunctions, keyof BioFunctions>,
    Pick<PemFunctions, keyof PemFunctions>,
    Pick<X509Functions, keyof X509Functions>,
    Pick<X509BuildFunctions, keyof X509BuildFunctions>,
    Pick<X509CrlFunctions, keyof X509CrlFunctions>,
    Pick<X509StoreFunctions, keyof X509StoreFunctions>,
    Pick<EvpPkeyFunctions, keyof EvpPkeyFunctions>,
    Pick<Pkcs12Functions, keyof Pkcs12Functions>,
    Pick<CryptoFunctions, keyof CryptoFunctions>,
    Pick<ErrorFunctions, keyof ErrorFunctions> {}

/** The functions of all groups for one instance. */
export function createLibssl(ffi: Ffi): Libssl {
  const functions: Record<string, unknown> = {};
  for (const Group of GROUPS) {
    const group = new Group(ffi);
    const methods = group as unknown as Record<string, () => unknown>;
    for (const name of Object.getOwnPropertyNames(Group.prototype)) {
      if (name === "constructor") continue;
      functions[name] = methods[name]?.bind(group);
    }
  }
  return Object.freeze(functions) as unknown as Libssl;
}
