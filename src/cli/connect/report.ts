import { Table } from "console-table-printer";
import type {
  PeerCertificate,
  Resumption,
  TlsSession,
  TlsSocketInfo,
} from "../../../mod.ts";
import { fingerprint } from "../fingerprint.ts";
import { earlyDataText, sessionFacts } from "../session/facts.ts";
import {
  countText,
  durationText,
  fieldsText,
  isoText,
  millisecondsText,
  printable,
  relativeText,
} from "../format.ts";
import type { Connection } from "./connection.ts";

/** All that a handshake negotiated. */
export async function handshakeText(
  info: TlsSocketInfo,
  time: number,
  now: number,
): Promise<string> {
  const { alpnProtocol, earlyData, peerCertificate } = info;
  const head = `Connected to ${info.remoteAddress ?? "the server"} in ${
    millisecondsText(time)
  }`;
  return [
    head,
    fieldsText([
      ["version", info.protocol],
      ["cipher", info.cipher],
      ["group", info.group ?? "none"],
      ["server name", printable(info.serverName ?? "none")],
      ["ALPN", printable(alpnProtocol ?? "none")],
      ["resumed", resumptionText(info.resumption)],
      ...(earlyData === "none" ? [] : [["early data", earlyData] as const]),
      ...await certificateFields(peerCertificate, now),
    ]),
  ].join("\n");
}

/** A reason why the server may have declined a session; `undefined` if none is apparent. */
export function declinedText(
  info: TlsSocketInfo,
  session: TlsSession | undefined,
): string | undefined {
  if (session === undefined || info.resumed) return undefined;
  const { protocol, cipher } = sessionFacts(
    { form: "DER", der: session.toBytes() },
    false,
  );
  if (protocol !== info.protocol) {
    const option = protocol < info.protocol ? "--max-version" : "--min-version";
    return `  the session is for ${protocol}: ${option} ${protocol} requires it`;
  }
  // RFC 8446, section 4.2.11: the hash of the cipher suites must be the same.
  if (hashOf(cipher) === hashOf(info.cipher)) return undefined;
  return protocol === "TLSv1.3"
    ? `  the session needs a cipher suite with the same hash: --config Ciphersuites=${cipher}`
    : undefined;
}

/** The sessions that the server issued on a connection. */
export function sessionsText(
  sessions: readonly TlsSession[],
  now: number,
): string {
  const newest = sessions.at(-1);
  if (newest === undefined) return "  sessions received: none";
  const lifetime = newest.expiresAt.getTime() - now;
  return `  sessions received: ${sessions.length}, ` +
    `lifetime ${
      durationText(Math.max(0, Math.round(lifetime / 1000) * 1000))
    }, ` +
    `early data: ${earlyDataText(newest.maxEarlyData)}`;
}

/** A further connection, in one line. */
export function connectionLine(
  number: number,
  { info, time }: Connection,
  hasEarlyData: boolean,
): string {
  const early = info.earlyData !== "none"
    ? `, early data ${info.earlyData}`
    : hasEarlyData
    ? ", early data not sent: no session allows it"
    : "";
  const how = info.resumption.resumed
    ? "resumed"
    : `full: ${reasonText(info.resumption.reason)}`;
  return `${number}: ${
    millisecondsText(time)
  }, ${info.protocol}, ${how}${early}`;
}

/** How many further connections resumed, and the median times. */
export function summaryText(connections: readonly Connection[]): string {
  const resumed = connections.filter(({ info }) => info.resumed);
  const full = connections.filter(({ info }) => !info.resumed);
  const further = connections.slice(1);
  const furtherResumed = further.filter(({ info }) => info.resumed);
  const table = new Table({
    defaultColumnOptions: { alignment: "left" },
    shouldDisableColors: true,
  });
  for (
    const [handshake, of] of [["full", full], ["resumed", resumed]] as const
  ) {
    table.addRow({
      handshake,
      connections: of.length,
      "median time": medianText(of.map(({ time }) => time)),
    });
  }
  return `Resumed ${furtherResumed.length} of ${
    countText(further.length, "time")
  }\n${table.render()}`;
}

/** The hash of a cipher suite: the last part of its name. */
function hashOf(cipher: string | null): string | undefined {
  return cipher?.split("_").at(-1);
}

/** Whether a session was resumed, or why not. */
function resumptionText(resumption: Resumption): string {
  return resumption.resumed ? "yes" : `no: ${reasonText(resumption.reason)}`;
}

function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

const REASONS: Readonly<Record<string, string>> = {
  "none-offered": "no session was offered",
  "server-declined": "the server declined the session",
  "expired": "the session has expired",
  "too-old": "the session's full handshake is too long ago",
  "certificate-expired": "a certificate of the session has expired",
};

async function certificateFields(
  certificate: PeerCertificate | null,
  now: number,
): Promise<[string, string][]> {
  if (certificate === null) return [["certificate", "none"]];
  const { subject, issuer, validFrom, validTo, raw } = certificate;
  return [
    ["certificate", printable(subject)],
    ["issuer", printable(issuer)],
    [
      "valid",
      `${isoText(validFrom)} to ${isoText(validTo)} (ends ${
        relativeText(validTo, now)
      })`,
    ],
    ["SHA-256", await fingerprint(raw)],
  ];
}

function medianText(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  return low === undefined || high === undefined
    ? "-"
    : millisecondsText((low + high) / 2);
}
