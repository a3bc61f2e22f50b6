import { ownOptions } from "../../internal/own_options.ts";
import type { TlsSessionOptions } from "../sessions/session_options.ts";
import {
  CONTEXT_OPTION_NAMES,
  type CoreOptions,
  type TlsCertificateOptions,
  type TlsTrustOptions,
} from "./context_options.ts";

/** The options of a context that {@linkcode TlsContext.update} replaces. */
export interface TlsContextUpdate extends
  TlsCertificateOptions,
  Pick<
    TlsTrustOptions,
    "allowPartialChain" | "caCerts" | "clientAuth" | "crl"
  >,
  Pick<TlsSessionOptions, "sessionIdKey" | "ticketKeys"> {
  /** Certificates with different types of key, instead of `cert` and `key` or `pfx`. */
  certificates?: readonly TlsCertificateOptions[];
}

/** The names of these options. */
const UPDATE_NAMES: Readonly<Record<keyof TlsContextUpdate, true>> = {
  allowPartialChain: true,
  caCerts: true,
  cert: true,
  certificates: true,
  clientAuth: true,
  crl: true,
  key: true,
  passphrase: true,
  pfx: true,
  sessionIdKey: true,
  ticketKeys: true,
};

/** The options of certificates, which are replaced together. */
const CREDENTIALS = [
  "cert",
  "certificates",
  "key",
  "passphrase",
  "pfx",
] as const satisfies (keyof TlsContextUpdate)[];

/** The options of a context with those of an update. */
export function updatedOptions(
  options: CoreOptions,
  given: TlsContextUpdate,
): CoreOptions {
  // `undefined` replaces nothing: it must not end client authentication, for one.
  const update: TlsContextUpdate = Object.fromEntries(
    Object.entries(ownOptions(given, UPDATE_NAMES, {
      of: "update",
      others: CONTEXT_OPTION_NAMES,
      advice: "it can't be updated, and needs a new context",
    }))
      .filter(([, value]) => value !== undefined),
  );
  const all: CoreOptions = { ...options, ...update };
  if (!CREDENTIALS.some((name) => Object.hasOwn(update, name))) return all;
  const others = Object.entries(options)
    .filter(([name]) => !(CREDENTIALS as readonly string[]).includes(name));
  return { ...Object.fromEntries(others), ...update };
}
