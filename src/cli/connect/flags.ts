import { type Command, InvalidArgumentError, Option } from "commander";
import type { TlsVersion } from "../../tls/context_options.ts";
import { addStoreOptions } from "../open_store.ts";

/** The options of `connect`, as they were given. */
export interface ConnectFlags {
  ca?: string[];
  servername?: string;
  alpn?: string[];
  minVersion?: TlsVersion;
  maxVersion?: TlsVersion;
  cert?: string;
  key?: string;
  config?: [string, string][];
  sessionIn?: string;
  sessionOut?: string;
  store?: string;
  encryptKeyFile?: string;
  resume: number;
  earlyData?: string;
  send?: string;
  stdin?: boolean;
  http?: string;
  /** Seconds. */
  timeout: number;
  keylog?: string;
}

/** Adds them to the command. */
export function addConnectFlags(command: Command): Command {
  command.optionsGroup("Trust and identity:")
    .option(
      "--ca <file>",
      "trust these certificates (PEM) in place of the usual ones; repeatable",
      collect,
    )
    .option("--servername <name>", "ask for and verify this name, not HOST")
    .option("--cert <file>", "the client's certificate (PEM)")
    .option("--key <file>", "the private key of --cert (PEM)");
  command.optionsGroup("Handshake:")
    .option(
      "--alpn <protocols>",
      "application protocols, such as h2,http/1.1",
      parseList,
    )
    .option(
      "--min-version <version>",
      "the lowest version, such as 1.2",
      parseVersion,
    )
    .option("--max-version <version>", "the highest version", parseVersion)
    .option(
      "--config <name=value>",
      "a command of OpenSSL's configuration, such as Groups=X25519:P-256; repeatable",
      collectPair,
    )
    .addOption(
      new Option(
        "--timeout <seconds>",
        "how long connecting, and the handshake, may take",
      ).argParser(parseSeconds).default(10),
    )
    .option(
      "--keylog <file>",
      "append the secrets of the connections, for Wireshark",
    );
  command.optionsGroup("Sessions:")
    .addOption(
      new Option(
        "--resume <n>",
        "connect n times more, each with the newest session",
      ).argParser(parseCount).default(0),
    )
    .option(
      "--session-out <file>",
      "write the newest session (PEM), for --session-in or openssl s_client -sess_in",
    )
    .option(
      "--session-in <file>",
      "resume this session (PEM or DER); one of openssl s_client only if that could verify the server (-CAfile)",
    )
    .option(
      "--early-data <text>",
      "send this with the hello (0-RTT), where the session allows it; @FILE for a file's content",
    );
  command.optionsGroup("Store of sessions, from one run to the next:");
  addStoreOptions(command);
  return command.optionsGroup("What to send:")
    .option("--http <path>", "GET this path, and print the answer")
    .option(
      "--send <text>",
      "send this (@FILE for a file's content), say goodbye, and print the answer",
    )
    .option("--stdin", "send standard input, and print what comes")
    .optionsGroup("Options:");
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function collectPair(
  value: string,
  before: [string, string][] = [],
): [string, string][] {
  const at = value.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be NAME=VALUE.");
  return [...before, [value.slice(0, at), value.slice(at + 1)]];
}

function parseList(value: string): string[] {
  const list = value.split(",");
  if (list.includes("")) {
    throw new InvalidArgumentError("It must be names with commas in between.");
  }
  return list;
}

function parseVersion(value: string): TlsVersion {
  switch (value.replace(/^TLSv/i, "")) {
    case "1":
    case "1.0":
      return "TLSv1";
    case "1.1":
      return "TLSv1.1";
    case "1.2":
      return "TLSv1.2";
    case "1.3":
      return "TLSv1.3";
  }
  throw new InvalidArgumentError("It must be 1.0, 1.1, 1.2 or 1.3.");
}

function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || seconds <= 0 || seconds > 86_400) {
    throw new InvalidArgumentError(
      "It must be a number of seconds, up to a day.",
    );
  }
  return seconds;
}

function parseCount(value: string): number {
  if (!/^\d{1,6}$/.test(value)) {
    throw new InvalidArgumentError("It must be a whole number up to 999999.");
  }
  return Number(value);
}
