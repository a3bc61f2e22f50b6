import { SSL_OP_CIPHER_SERVER_PREFERENCE } from "../../libssl/constants.ts";
import { defaults } from "../defaults.ts";
import { protocolVersionConflict } from "../errors/tls_errors.ts";
import { validateInteger } from "../errors/validate.ts";
import { configureContext } from "./configure.ts";
import { NativeContext } from "./native_context.ts";
import type { SecureContextOptions } from "./options.ts";
import {
  type ProtocolMethod,
  protocolMethod,
  versionNumber,
} from "./protocol_method.ts";

/** The configuration that connections share. */
export interface SecureContext {
  /**
   * The `SSL_CTX` and what Node.js's own object of this name does.
   *
   * @internal
   */
  context: NativeContext;
}

/** The constructor of a {@linkcode SecureContext}, which needn't be called with `new`. */
export interface SecureContextConstructor {
  /** Makes a context of versions and `SSL_OP_*` bits. */
  new (
    secureProtocol?: string | null,
    secureOptions?: number,
    minVersion?: string | null,
    maxVersion?: string | null,
  ): SecureContext;
  /** Makes a context of versions and `SSL_OP_*` bits. */
  (
    secureProtocol?: string | null,
    secureOptions?: number,
    minVersion?: string | null,
    maxVersion?: string | null,
  ): SecureContext;
  /** What contexts inherit from. */
  readonly prototype: SecureContext;
}

/**
 * Makes a context of versions and options alone; `createSecureContext` is what programs use.
 *
 * @throws {TypeError} `ERR_TLS_INVALID_PROTOCOL_METHOD`, `ERR_TLS_INVALID_PROTOCOL_VERSION`, or
 * `ERR_TLS_PROTOCOL_VERSION_CONFLICT` for a protocol with versions.
 */
export const SecureContext: SecureContextConstructor = function SecureContext(
  this: SecureContext | undefined,
  secureProtocol?: string | null,
  secureOptions?: number,
  minVersion?: string | null,
  maxVersion?: string | null,
): SecureContext {
  const self = this instanceof SecureContext
    ? this
    : Object.create(SecureContext.prototype) as SecureContext;
  self.context = new NativeContext(
    methodOf(secureProtocol, minVersion, maxVersion),
  );
  if (secureOptions) {
    validateInteger(secureOptions, "secureOptions");
    self.context.setOptions(secureOptions);
  }
  return self;
} as SecureContextConstructor;

/** The options that contexts were made of, once `register` wants them: Node's own sockets may get such a context. */
export const contextsMade: {
  options: WeakMap<SecureContext, SecureContextOptions> | undefined;
} = { options: undefined };

/**
 * Creates a context of the options of Node.js's documentation.
 *
 * @example A context of a server
 * ```ts
 * import { createSecureContext } from "@sesame/tls/node";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const context = createSecureContext({
 *   ...createTestCertificate(),
 *   minVersion: "TLSv1.3",
 * });
 * ```
 *
 * @throws {TypeError} With Node.js's codes, for an option that isn't of its type or value.
 * @throws {Error} With OpenSSL's reason, for what it refuses.
 */
export function createSecureContext(
  options?: SecureContextOptions | null,
): SecureContext {
  const given = options || {};
  const { honorCipherOrder, secureProtocol, minVersion, maxVersion } = given;
  const { secureOptions } = given;
  const isOrdered = honorCipherOrder &&
    typeof (secureOptions ?? 0) === "number";
  const bits = isOrdered
    ? (secureOptions ?? 0) | Number(SSL_OP_CIPHER_SERVER_PREFERENCE)
    : secureOptions;
  const secure = new SecureContext(
    secureProtocol,
    bits,
    minVersion,
    maxVersion,
  );
  configureContext(secure.context, given);
  contextsMade.options?.set(secure, given);
  return secure;
}

function methodOf(
  secureProtocol: string | null | undefined,
  minVersion: string | null | undefined,
  maxVersion: string | null | undefined,
): ProtocolMethod {
  if (secureProtocol) {
    const version = minVersion ?? maxVersion;
    if (version !== undefined && version !== null) {
      throw protocolVersionConflict(version, secureProtocol);
    }
  }
  const [min, max] = [
    versionNumber(minVersion ?? defaults.DEFAULT_MIN_VERSION, "minimum"),
    versionNumber(maxVersion ?? defaults.DEFAULT_MAX_VERSION, "maximum"),
  ];
  return typeof secureProtocol === "string"
    ? protocolMethod(secureProtocol, min)
    : { role: "TLS_method", min, max };
}
