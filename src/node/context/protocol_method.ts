import {
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../../libssl/constants.ts";
import {
  invalidProtocolMethod,
  invalidProtocolVersion,
} from "../errors/tls_errors.ts";

/** The roles and versions that a context allows. */
export interface ProtocolMethod {
  /** OpenSSL's function of the roles. */
  readonly role: "TLS_method" | "TLS_client_method" | "TLS_server_method";
  /** The lowest version; 0 for any. */
  readonly min: number;
  /** The highest version. */
  readonly max: number;
}

const VERSIONS: Readonly<Record<string, number>> = {
  "TLSv1": TLS1_VERSION,
  "TLSv1.1": TLS1_1_VERSION,
  "TLSv1.2": TLS1_2_VERSION,
  "TLSv1.3": TLS1_3_VERSION,
};

/**
 * The lowest and highest version of each family of OpenSSL's methods; `undefined` is the lowest by
 * default.
 */
const FAMILIES: Readonly<
  Record<string, readonly [min: number | undefined, max: number]>
> = {
  // SSLv23 is from before TLS 1.3, and doesn't include it in Node.js.
  "SSLv23": [undefined, TLS1_2_VERSION],
  "TLS": [0, TLS1_3_VERSION],
  "TLSv1": [TLS1_VERSION, TLS1_VERSION],
  "TLSv1_1": [TLS1_1_VERSION, TLS1_1_VERSION],
  "TLSv1_2": [TLS1_2_VERSION, TLS1_2_VERSION],
};

const METHOD = /^(.*?)(_client|_server)?_method$/;

/**
 * The number of a version of TLS.
 *
 * @throws {TypeError} `ERR_TLS_INVALID_PROTOCOL_VERSION`.
 */
export function versionNumber(
  version: unknown,
  which: "minimum" | "maximum",
): number {
  if (typeof version === "string" && Object.hasOwn(VERSIONS, version)) {
    return VERSIONS[version] ?? 0;
  }
  throw invalidProtocolVersion(version, which);
}

/**
 * The roles and versions of `secureProtocol`, one of OpenSSL's names such as `"TLSv1_2_method"`.
 *
 * @throws {TypeError} `ERR_TLS_INVALID_PROTOCOL_METHOD`.
 */
export function protocolMethod(
  name: string,
  defaultMin: number,
): ProtocolMethod {
  const [, family = "", side = ""] = METHOD.exec(name) ?? [];
  if (family === "SSLv2" || family === "SSLv3") {
    throw invalidProtocolMethod(`${family} methods disabled`);
  }
  const versions = Object.hasOwn(FAMILIES, family)
    ? FAMILIES[family]
    : undefined;
  if (versions === undefined) {
    throw invalidProtocolMethod(`Unknown method: ${name}`);
  }
  const [min = defaultMin, max] = versions;
  return { role: `TLS${side}_method` as ProtocolMethod["role"], min, max };
}
