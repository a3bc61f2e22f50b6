import { type Command, Option } from "commander";
import type { TlsVersion } from "../../tls/context/context_options.ts";
import {
  assignments,
  countOrNone,
  more,
  names,
  seconds,
  version,
} from "../arguments.ts";
import { addCredentialOptions, type CredentialFlags } from "../credentials.ts";
import { CONFIG_HELP } from "../config_help.ts";
import { addStoreOptions } from "../open_store.ts";

/** The options of `connect`, as they were given. */
export interface ConnectFlags extends CredentialFlags {
  ca?: string[];
  allowCommonName?: true;
  servername?: string;
  alpn?: string[];
  minVersion?: TlsVersion;
  maxVersion?: TlsVersion;
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
  /** In ms. */
  timeout: number;
  keylog?: string;
}

/** Adds them to the command. */
export function addConnectFlags(command: Command): Command {
  command.optionsGroup("Trust and identity:")
    .option(
      "--ca <file>",
      "trust these certificates (PEM) in place of the usual ones; repeatable",
      more,
    )
    .option("--servername <name>", "ask for and verify this name, not HOST")
    .option(
      "--allow-common-name",
      "take a certificate's common name for its host, if it has no other (RFC 9525 says not to)",
    );
  addCredentialOptions(command, {
    cert: "the client's certificate (PEM)",
    key: "the private key of --cert (PEM)",
  });
  command.optionsGroup("Handshake:")
    .option(
      "--alpn <protocols>",
      "application protocols, such as h2,http/1.1",
      names,
    )
    .option(
      "--min-version <version>",
      "the lowest version, such as 1.2",
      version,
    )
    .option("--max-version <version>", "the highest version", version)
    .option(
      "--config <name=value>",
      `${CONFIG_HELP}; repeatable`,
      assignments,
    )
    .addOption(
      new Option(
        "--timeout <seconds>",
        "how long connecting, and the handshake, may take",
      ).argParser(seconds).default(10_000, "10"),
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
      ).argParser(countOrNone).default(0),
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
