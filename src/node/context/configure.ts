import { TLS1_2_VERSION, TLS1_3_VERSION } from "../../libssl/constants.ts";
import { defaults } from "../defaults.ts";
import { invalidArgType, invalidArgValue } from "../errors/argument_errors.ts";
import { operationFailed, tlsError } from "../errors/tls_errors.ts";
import {
  validateArray,
  validateBuffer,
  validateInt32,
  validateKeyOrCert,
  validateNonEmptyString,
  validateObject,
  validateString,
} from "../errors/validate.ts";
import type { NativeContext } from "./native_context.ts";
import type { PemInput, SecureContextOptions } from "./options.ts";
import { TICKET_KEYS_BYTES } from "./ticket_keys.ts";

/** A key or PKCS#12 file in an object, with its passphrase. */
interface Wrapped {
  readonly pem?: PemInput;
  readonly buf?: PemInput;
  readonly passphrase?: string;
}

const COMPRESSIONS: readonly string[] = ["zlib", "brotli", "zstd"];

/**
 * Applies options to a context, in an order that matters: cipher suites first, whose
 * `@SECLEVEL` judges all that follows, and each certificate before its key.
 */
export function configureContext(
  context: NativeContext,
  options: SecureContextOptions,
): void {
  validateObject(options, "options");
  setCiphers(context, options);
  setTrust(context, options);
  setCredentials(context, options);
  checkCompression(options);
  if (isGiven(options.sigalgs)) {
    validateNonEmptyString(options.sigalgs, "options.sigalgs");
    context.setSigalgs(options.sigalgs);
  }
  setEngineKey(options);
  setKeyExchange(context, options);
  setRevocation(context, options);
  setPfx(context, options);
  setEngine(options);
  setSessions(context, options);
}

function setCiphers(
  context: NativeContext,
  { ciphers }: SecureContextOptions,
): void {
  if (isGiven(ciphers)) validateString(ciphers, "options.ciphers");
  const given = (ciphers || defaults.DEFAULT_CIPHERS).split(":");
  const all = given.filter(Boolean);
  const isSuite = (name: string): boolean => /^!?TLS_/.test(name);
  const suites = all.filter(isSuite).join(":");
  const list = all.filter((name) => !isSuite(name)).join(":");
  if (all.length === 0) throw invalidArgValue("options.ciphers", given);
  if (suites !== "") context.setCipherSuites(suites);
  context.setCiphers(list);
  const mayBeOlder = context.getMinProto() < TLS1_3_VERSION &&
    context.getMaxProto() > TLS1_2_VERSION;
  if (list === "" && mayBeOlder) context.setMinProto(TLS1_3_VERSION);
}

function setTrust(
  context: NativeContext,
  { ca, allowPartialTrustChain }: SecureContextOptions,
): void {
  if (!ca) context.addRootCerts();
  else {
    for (const cert of listOf(ca)) {
      validateKeyOrCert(cert, "options.ca");
      context.addCACert(cert);
    }
  }
  if (allowPartialTrustChain) context.setAllowPartialTrustChain();
}

function setCredentials(
  context: NativeContext,
  { cert, key, passphrase }: SecureContextOptions,
): void {
  for (const one of cert ? listOf(cert) : []) {
    validateKeyOrCert(one, "options.cert");
    context.setCert(one);
  }
  if (!key) return;
  for (const one of listOf(key)) {
    // Only in an array may a key be an object with a passphrase of its own.
    const own: Wrapped = Array.isArray(key) && isObject(one) ? one : {};
    const pem = own.pem ?? one;
    const secret = own.passphrase === undefined ? passphrase : own.passphrase;
    validateKeyOrCert(pem, "options.key");
    if (isGiven(secret)) validateString(secret, "options.passphrase");
    context.setKey(pem, secret ?? undefined);
  }
}

/** Compression is for both ends to agree on: this one has none to offer. */
function checkCompression(
  { certificateCompression: algorithms }: SecureContextOptions,
): void {
  if (!isGiven(algorithms)) return;
  const name = "options.certificateCompression";
  validateArray(algorithms, name);
  if (algorithms.length > COMPRESSIONS.length) {
    throw invalidArgValue(name, algorithms, "can specify at most 3 algorithms");
  }
  algorithms.forEach((algorithm: unknown, i) => {
    if (COMPRESSIONS.includes(algorithm as string)) return;
    throw invalidArgValue(
      `${name}[${i}]`,
      algorithm,
      "must be 'zlib', 'brotli', or 'zstd'",
    );
  });
}

function setEngineKey(options: SecureContextOptions): void {
  const { key, privateKeyIdentifier: id, privateKeyEngine: engine } = options;
  if (!isGiven(id)) return;
  if (!isGiven(engine)) {
    throw invalidArgValue("options.privateKeyEngine", engine);
  }
  if (key) throw invalidArgValue("options.privateKeyIdentifier", id);
  requireName(id, "options.privateKeyIdentifier");
  requireName(engine, "options.privateKeyEngine");
  throw tlsError("ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED");
}

function setEngine({ clientCertEngine }: SecureContextOptions): void {
  if (!isGiven(clientCertEngine)) return;
  requireName(clientCertEngine, "options.clientCertEngine");
  throw tlsError("ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED");
}

function setKeyExchange(
  context: NativeContext,
  { dhparam, ecdhCurve }: SecureContextOptions,
): void {
  const curves = ecdhCurve === undefined
    ? defaults.DEFAULT_ECDH_CURVE || "auto"
    : ecdhCurve;
  validateString(curves, "options.ecdhCurve");
  context.setECDHCurve(curves);
  if (!isGiven(dhparam)) return;
  validateKeyOrCert(dhparam, "options.dhparam");
  const warning = context.setDHParam(dhparam === "auto" || dhparam);
  if (warning !== undefined) warn(warning);
}

function setRevocation(
  context: NativeContext,
  { crl }: SecureContextOptions,
): void {
  if (!isGiven(crl)) return;
  for (const one of listOf(crl)) {
    validateKeyOrCert(one, "options.crl");
    context.addCRL(one);
  }
}

function setPfx(
  context: NativeContext,
  { pfx, passphrase }: SecureContextOptions,
): void {
  if (!isGiven(pfx)) return;
  for (const one of listOf(pfx)) {
    const own: Wrapped = Array.isArray(pfx) && isObject(one) ? one : {};
    const file = own.buf || one;
    if (typeof file !== "string" && !ArrayBuffer.isView(file)) {
      throw operationFailed("Unable to load PFX certificate");
    }
    context.loadPKCS12(file, own.passphrase || passphrase || undefined);
  }
}

function setSessions(
  context: NativeContext,
  { sessionIdContext, sessionTimeout, ticketKeys }: SecureContextOptions,
): void {
  if (isGiven(sessionIdContext)) {
    validateString(sessionIdContext, "options.sessionIdContext");
    context.setSessionIdContext(sessionIdContext);
  }
  if (isGiven(ticketKeys)) {
    const name = "options.ticketKeys";
    validateBuffer(ticketKeys, name);
    const { byteLength } = ticketKeys;
    if (byteLength !== TICKET_KEYS_BYTES) {
      throw invalidArgValue(name, byteLength, "must be exactly 48 bytes");
    }
    context.setTicketKeys(ticketKeys);
  }
  if (isGiven(sessionTimeout)) {
    validateInt32(sessionTimeout, "options.sessionTimeout", 0);
    context.setSessionTimeout(sessionTimeout);
  }
}

function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is Wrapped {
  return typeof value === "object" && value !== null;
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function requireName(value: unknown, name: string): void {
  if (typeof value === "string") return;
  throw invalidArgType(name, ["string", "null", "undefined"], value);
}

function warn(message: string): void {
  globalThis.process?.emitWarning(message, "SecurityWarning");
}
