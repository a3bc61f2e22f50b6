/**
 * Figures drawn with characters, full handshakes on the left and resumed ones beside.
 *
 * @module
 */
import plot from "simple-ascii-chart";
import { commonEdges } from "./latencies.ts";
import type { PhaseResult } from "./load.ts";
import type { Interval } from "./phase.ts";

const CHART_WIDTH = 30;
const CHART_HEIGHT = 6;
const COLUMN_WIDTH = 40;
const BAR_WIDTH = 22;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** How many handshakes took how long: bars on a logarithmic scale. */
export function formatHistogram(results: PhaseResult[]): string {
  const all = results.map(({ phase }) => phase.handshakeMs);
  const edges = commonEdges(all);
  const columns = all.map((latencies) =>
    latencies.bars(edges).map(({ count }) => count / latencies.count)
  );
  const largest = Math.max(...columns.flat());
  const rows = edges.slice(1).map((toMs, i) => {
    const cells = columns.map((shares) => {
      const share = shares[i] ?? 0;
      if (share === 0) return "";
      return `${bar(share / largest)} ${(share * 100).toFixed(1)} %`;
    });
    return line(`${edges[i]} - ${toMs}`, cells);
  });
  const titles = results.map(({ figures }) =>
    `${figures.mode}: ${figures.handshakes} handshakes`
  );
  return [line("ms", titles), ...rows].join("\n");
}

/** How rate and latency went over time. */
export function formatCourse(results: PhaseResult[]): string {
  const charts: [title: string, value: (interval: Interval) => number][] = [
    ["handshakes/s", ({ handshakesPerSecond }) => handshakesPerSecond],
    ["ms of a handshake, p99", ({ handshakeMs }) => handshakeMs.p99],
  ];
  return charts.map(([title, value]) => {
    const courses = results.map(({ figures }) =>
      figures.intervals.map((i): [number, number] => [i.at, value(i)])
    );
    const top = Math.max(...courses.flat().map(([, y]) => y)) || 1;
    return beside(
      courses.map((course, i) =>
        drawn(course, `${results[i]?.figures.mode}: ${title}`, top)
      ),
    );
  }).join("\n");
}

function drawn(
  course: [number, number][],
  title: string,
  top: number,
): string[] {
  const end = course.at(-1)?.[0] ?? 0;
  const chart = plot(course, {
    title,
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
    yRange: [0, top],
    customYAxisTicks: [0, top / 2, top],
    customXAxisTicks: [0, end / 2, end],
    formatter: (value) => Number(value.toPrecision(2)),
  });
  return chart.split("\n").filter((text) => text.trim() !== "");
}

function beside(charts: string[][]): string {
  const height = Math.max(...charts.map(({ length }) => length));
  const rows = Array.from(
    { length: height },
    (_, i) =>
      charts.map((chart) => (chart[i] ?? "").padEnd(COLUMN_WIDTH)).join("")
        .trimEnd(),
  );
  return rows.join("\n");
}

function line(label: string, cells: string[]): string {
  const padded = cells.map((cell) => cell.padEnd(COLUMN_WIDTH - 4)).join("");
  return `${label.padStart(11)} │${padded}`.trimEnd();
}

/** At least a sliver for what isn't nothing. */
function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return "█".repeat(eighths >> 3) + (EIGHTHS[eighths % 8] ?? "");
}
