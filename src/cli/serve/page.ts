import config from "../../../deno.json" with { type: "json" };
import { OpenSSL, type TlsSocketInfo } from "../../../mod.ts";
import { printable } from "../format.ts";
import { resumptionText } from "./resumption_text.ts";
import type { ServerSettings } from "./settings.ts";

/** What a page says about the server. */
export interface PageFacts {
  /** The server's settings. */
  readonly settings: ServerSettings;
  /** The name of the store. */
  readonly storeName: string;
  /** The number of the worker that answers, from 1. */
  readonly worker: number;
  /** How many handshakes the worker has completed. */
  readonly handshakes: number;
}

/** A page about a connection, for its client. */
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
