/**
 * What a run came to, as tables.
 *
 * @module
 */
import { Table } from "console-table-printer";
import { formatCourse, formatHistogram } from "./charts.ts";
import type { HoldFigures, Memory } from "./hold.ts";
import type { PhaseResult } from "./load.ts";
import type { PhaseFigures } from "./phase.ts";

/** What was measured with one version of TLS. */
export interface Run {
  tls: string;
  results: PhaseResult[];
  hold: HoldFigures | undefined;
}

const LEGEND =
  `ms: from connecting to the end of the handshake, or of the exchange with its
request and answer. resumed: as the clients' OpenSSL says. cores: what the server
took; per core: handshakes in a second of its processor time.`;

/** Above this share of a core, clients may be what limits the figures. */
const BUSY_CLIENT = 0.9;

/** Tables, charts and errors of all runs. */
export function formatRuns(runs: Run[], colors: boolean): string {
  const loads = runs.map((run) => ({ ...run, results: judged(run.results) }));
  const parts: string[] = [];
  for (const { tls, results } of loads) {
    if (results.length === 0) continue;
    parts.push(`Handshakes, ${tls}\n${formatHistogram(results)}`);
    parts.push(formatCourse(results));
  }
  if (loads.some(({ results }) => results.length > 0)) {
    parts.push(loadTable(loads, colors));
  }
  if (runs.some(({ hold }) => hold)) parts.push(holdTable(runs, colors));
  parts.push(...errorLines(runs));
  const busiest = Math.max(
    0,
    ...loads.flatMap(({ results }) =>
      results.map((r) => r.figures.clientCores)
    ),
  );
  if (busiest > BUSY_CLIENT) {
    parts.push(
      `A process of the clients took ${
        percent(busiest)
      } of a core: the server could do more. Try more --client-processes.`,
    );
  }
  return parts.join("\n\n");
}

function judged(results: PhaseResult[]): PhaseResult[] {
  return results.filter(({ phase }) =>
    phase.mode !== "warm-up" && phase.handshakes > 0
  );
}

function loadTable(runs: Run[], colors: boolean): string {
  const rows = runs.flatMap(({ tls, results }) =>
    results.map(({ figures: f }) => ({
      TLS: tls.replace("TLSv", ""),
      phase: f.mode,
      "handshakes/s": f.handshakesPerSecond.toFixed(1),
      resumed: percent(f.handshakes === 0 ? 0 : f.resumed / f.handshakes),
      "p50 ms": String(f.handshakeMs.p50),
      p90: String(f.handshakeMs.p90),
      p99: String(f.handshakeMs.p99),
      max: String(f.handshakeMs.max),
      "exchange p50": String(f.exchangeMs.p50),
      cores: f.serverCores === null ? "-" : f.serverCores.toFixed(2),
      "per core": perCore(f),
      errors: String(total(f.errors)),
    }))
  );
  return `${table(rows, ["TLS", "phase"], colors)}\n${LEGEND}`;
}

function holdTable(runs: Run[], colors: boolean): string {
  const rows = runs.flatMap(({ tls, hold }) =>
    hold === undefined ? [] : [{
      TLS: tls.replace("TLSv", ""),
      connections: String(hold.open),
      "opened in s": hold.openSeconds.toFixed(1),
      "RSS MB": mega(hold.before.rss),
      "held MB": mega(hold.held.rss),
      "KB each": kilo(hold.rssPerConnection),
      "of it OpenSSL": kilo(hold.wasmPerConnection),
      answered: String(hold.answered),
      errors: String(total(hold.errors)),
    }]
  );
  return table(rows, ["TLS"], colors);
}

function table(
  rows: Record<string, string>[],
  left: string[],
  colors: boolean,
): string {
  const columns = Object.keys(rows[0] ?? {}).map((name) => ({
    name,
    alignment: left.includes(name) ? "left" as const : "right" as const,
  }));
  const table = new Table({ shouldDisableColors: !colors, columns });
  table.addRows(rows);
  return table.render();
}

function errorLines(runs: Run[]): string[] {
  const lines = runs.flatMap(({ tls, results, hold }) =>
    [
      ...results.map((
        { figures },
      ) => [`${tls} ${figures.mode}`, figures.errors]),
      ...(hold ? [[`${tls} held`, hold.errors]] : []),
    ] as [string, Record<string, number>][]
  ).flatMap(([where, errors]) =>
    Object.entries(errors).map(([kind, count]) =>
      `${where}: ${count} × ${kind}`
    )
  );
  return lines.length === 0 ? [] : [["Errors:", ...lines].join("\n  ")];
}

/** All errors of all runs. */
export function countErrors(runs: Run[]): number {
  return runs.reduce(
    (sum, { results, hold }) =>
      sum + results.reduce((n, r) => n + r.phase.errorCount, 0) +
      total(hold?.errors ?? {}),
    0,
  );
}

function total(errors: Record<string, number>): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

function perCore({ handshakesPerSecond, serverCores }: PhaseFigures): string {
  return serverCores ? (handshakesPerSecond / serverCores).toFixed(1) : "-";
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function mega(bytes: Memory["rss"]): string {
  return bytes === null ? "-" : (bytes / 1e6).toFixed(1);
}

function kilo(bytes: number | null): string {
  return bytes === null ? "-" : (bytes / 1e3).toFixed(1);
}
