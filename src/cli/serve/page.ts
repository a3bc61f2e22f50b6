import config from "../../../deno.json" with { type: "json" };
import { OpenSSL } from "../../libssl/openssl.ts";
import type { TlsSocketInfo } from "../../tls/socket/socket_core.ts";
import type { ServerSettings } from "./settings.ts";
import { printable } from "../format.ts";
import { resumptionText } from "./words.ts";

/** What a page says besides how the connection came about. */
export interface PageFacts {
  /** The server's settings. */
  readonly settings: ServerSettings;
  /** The store's name, for people. */
  readonly storeName: string;
  /** Which worker answers, from 1. */
  readonly worker: number;
  /** How many handshakes it has completed. */
  readonly handshakes: number;
}

/** A page for the client of a connection. */
export function pageFor(info: TlsSocketInfo, facts: PageFacts): string {
  const { settings, storeName, worker, handshakes } = facts;
  const { tickets, sessionTimeout } = settings.context;
  const rows: [name: string, value: string | null][] = [
    ["Resumption", resumptionText(info.resumption)],
    ["Protocol", info.protocol],
    ["Cipher", info.cipher],
    ["Group", info.group],
    ["ALPN", info.alpnProtocol],
    ["Server name", info.serverName],
    ["Early data", info.earlyData],
    ["Client", info.remoteAddress],
    ["Client certificate", info.peerCertificate?.subject ?? null],
    ["Sessions", `${tickets} tickets, valid for ${sessionTimeout} s`],
    ["Store", tickets === "stateful" ? storeName : null],
    ["Worker", `${worker} of ${settings.workers}`],
    ["Handshakes", `${handshakes} by this worker`],
  ];
  const lines = rows.map(([name, value]) =>
    `${`${name}:`.padEnd(20)}${value === null ? "-" : printable(value)}`
  );
  return [
    `Sesame ${config.version} on ${OpenSSL.default.version}`,
    "",
    ...lines,
    "",
  ].join("\n");
}
