import { type Command, Option } from "commander";
import { startTlsPorts } from "../audit/mod.ts";

/** Shared help text of `--config`. OpenSSL has no file system in WebAssembly. */
export const CONFIG_HELP =
  "a command of OpenSSL's SSL_CONF_cmd(3), such as Groups=X25519:P-256; commands that read " +
  "files (VerifyCAFile, DHParameters) don't work: use --cert, --key and --ca; repeatable";

/** Shared help text of `--max-cert-list`. */
export const MAX_CERT_LIST_HELP =
  "the most bytes of certificates to accept from the peer (default: 65536)";

/** The option `--starttls` of clients. */
export function startTlsOption(): Option {
  return new Option(
    "--starttls <protocol>",
    "ask for TLS in this protocol first; its port is the default then",
  ).choices(Object.keys(startTlsPorts));
}

/** A copy of options that inherits no properties from `Object.prototype`. */
export function ownFlags<T extends object>(flags: T): T {
  return Object.assign(Object.create(null), flags);
}

/** Wraps a command's action: its flags are copied by {@linkcode ownFlags}. */
export function withOwnFlags<Args extends unknown[]>(
  action: (...args: Args) => Promise<void> | void,
): Parameters<Command["action"]>[0] {
  return (...args) =>
    action(...args.map((arg) => isFlags(arg) ? ownFlags(arg) : arg) as Args);
}

/** Commander also passes strings and the command, which is an instance of a class. */
function isFlags(arg: unknown): arg is object {
  return typeof arg === "object" && arg !== null &&
    Object.getPrototypeOf(arg) === Object.prototype;
}
