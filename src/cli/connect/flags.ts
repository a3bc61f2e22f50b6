import { type Command, Option } from "commander";
import type { TlsVersion } from "../../../mod.ts";
import type { StartTlsProtocol } from "../../audit/mod.ts";
import {
  assignments,
  count,
  countOrZero,
  names,
  repeated,
  seconds,
  version,
} from "../arguments.ts";
import { addCredentialOptions, type CredentialFlags } from "../credentials.ts";
import { CONFIG_HELP, MAX_CERT_LIST_HELP, startTlsOption } from "../flags.ts";
import { addStoreOptions } from "../open_store.ts";

/** The options of `connect`, as commander parses them. */
export interface ConnectFlags extends CredentialFlags {
  ca?: string[];
  allowCommonName?: true;
  servername?: string;
  postHandshakeAuth?: true;
  maxCertList?: number;
  starttls?: StartTlsProtocol;
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
  /** In milliseconds. */
  timeout: number;
  keylog?: string;
}

/** Adds the options of `connect`. */
export function addConnectFlags(command: Command): Command {
  command.optionsGroup("Trust and identity:")
    .option(
      "--ca <file>",
      "trust these CA certificates (PEM) instead of the system's; repeatable",
      repeated,
    )
    .option(
      "--servername <name>",
      "request and verify this server name instead of HOST",
    )
    .option(
      "--allow-common-name",
      "match the host with the subject's common name if the certificate has no subject alternative names (RFC 9525 forbids it)",
    );
  addCredentialOptions(command, {
    cert: "the client certificate with its chain (PEM)",
    key: "the private key of --cert (PEM)",
  })
    .option(
      "--post-handshake-auth",
      "let the server request the client certificate after the handshake (TLS 1.3)",
    )
    .addOption(
      new Option("--max-cert-list <bytes>", MAX_CERT_LIST_HELP)
        .argParser(count),
    );
  command.optionsGroup("Handshake:")
    .addOption(startTlsOption())
    .option(
      "--alpn <protocols>",
      "application protocols to offer, such as h2,http/1.1",
      names,
    )
    .option(
      "--min-version <version>",
      "the lowest version, such as 1.2",
      version,
    )
    .option("--max-version <version>", "the highest version", version)
    .option("--config <name=value>", CONFIG_HELP, assignments)
    .addOption(
      new Option(
        "--timeout <seconds>",
        "the time limit of the TCP connection and of the handshake, each",
      ).argParser(seconds).default(10_000, "10"),
    )
    .option(
      "--keylog <file>",
      "append the secrets of the connections to a key log, for Wireshark",
    );
  command.optionsGroup("Sessions:")
    .addOption(
      new Option(
        "--resume <n>",
        "connect n more times, each time with the newest session",
      ).argParser(countOrZero).default(0),
    )
    .option(
      "--session-out <file>",
      "write the newest session (PEM), for --session-in or openssl s_client -sess_in",
    )
    .option(
      "--session-in <file>",
      "resume this session (PEM or DER); a session of openssl s_client must come from a verified connection (-CAfile)",
    )
    .option(
      "--early-data <text>",
      "send this as early data (0-RTT), if the session allows it; @FILE for the content of a file",
    );
  command.optionsGroup("Session store, kept from one run to the next:");
  addStoreOptions(command);
  return command.optionsGroup("Data to send:")
    .option(
      "--http <path>",
      "send a GET request for this path, and print the response",
    )
    .option(
      "--send <text>",
      "send this (@FILE for the content of a file) and close_notify, and print the response",
    )
    .option("--stdin", "send standard input, and print the response")
    .optionsGroup("Options:");
}
