import { type Counts, type Figures, total } from "./counters.ts";

const TOP_REASONS = 3;

/** The status line: the figures, and the rate since earlier ones. */
export function statusLine(
  figures: Figures,
  before: Figures,
  seconds: number,
): string {
  const rate = (figures.handshakes - before.handshakes) / seconds;
  return [
    `${figures.open} open`,
    `${rate.toFixed(rate < 10 ? 1 : 0)} handshakes/s`,
    ...outcome(figures),
  ].join(" | ");
}

/** The figures in one line, for the end. */
export function summaryLine(figures: Figures): string {
  return [`${figures.handshakes} handshakes`, ...outcome(figures)].join(" | ");
}

function outcome(figures: Figures): string[] {
  const { handshakes, resumed, full, failed, storeErrors } = figures;
  const resumptions = total(resumed);
  const reasons = top(full);
  const parts: string[] = [];
  if (handshakes > 0) {
    const percent = (100 * resumptions / handshakes).toFixed(0);
    parts.push(`${percent} % resumed`);
  }
  if (reasons !== "") parts.push(`full: ${reasons}`);
  if (total(failed) > 0) parts.push(`${total(failed)} failed`);
  if (total(storeErrors) > 0) {
    parts.push(`${total(storeErrors)} store errors`);
  }
  return parts;
}

function top(counts: Counts): string {
  return Object.entries(counts)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .slice(0, TOP_REASONS)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
