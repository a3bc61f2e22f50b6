import { optionMessage, type OptionPath, TlsError } from "../../mod.ts";
import { messageOf } from "./format.ts";
import { UsageError } from "./usage_error.ts";

/** Flags whose names differ from their options. */
const FLAGS: Readonly<Record<string, string>> = {
  allowPartialChain: "partial-chain",
  alpnProtocols: "alpn",
  caCerts: "ca",
  configure: "config",
  hosts: "hostname",
  keyLog: "keylog",
  names: "name",
  nodes: "node",
  otherCert: "cert",
  otherKey: "key",
  passphrase: "passphrase-file",
  sendCaNames: "no-ca-names",
  sessionIdKey: "session-id-key-file",
  sessions: "store",
};

/** Whether an error is about an option of a function that was called with the flags' values. */
export function isOptionError(error: unknown): boolean {
  return optionMessage(error, flagOf) !== undefined;
}

/** Whether an error is about the options of a context: their types, values or content. */
export function isContextError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError ||
    error instanceof TlsError &&
      ["certificate", "configuration"].includes(error.code);
}

/**
 * An error about an option as an error about its flag.
 *
 * @param names What options are called that are no flags, such as the host to connect to.
 */
export function asUsageError(
  error: unknown,
  names: Readonly<Record<string, string>> = {},
): UsageError {
  const nameOf = (path: OptionPath): string =>
    names[String(path[0])] ?? flagOf(path);
  const message = optionMessage(error, nameOf) ?? messageOf(error);
  return new UsageError(message, { cause: error });
}

/** The flag of an option, such as `--ca`, or `--key of certificate 2`. */
function flagOf(path: OptionPath): string {
  const [first, index] = path;
  const name = path.findLast((key) => typeof key === "string") ?? "";
  const words = name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  const flag = `--${FLAGS[name] ?? words}`;
  if (first !== "certificates" || typeof index !== "number") return flag;
  const certificate = `certificate ${index + 1}`;
  return name === first ? certificate : `${flag} of ${certificate}`;
}
