/**
 * Prometheus's text format, version 0.0.4.
 *
 * @module
 */

/** The media type of the format. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Labels with their values. */
export type Labels = Readonly<Record<string, string>>;

/** A value of a metric, with its labels. */
export type Sample = readonly [labels: Labels, value: number];

/** A metric with all its values. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

/** A metric that counts values by their size. */
export interface Histogram {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  /** The upper bounds of the buckets. */
  readonly limits: readonly number[];
  /** The number of values in each bucket, and last of those above all bounds. */
  readonly counts: readonly number[];
  /** The sum of all values. */
  readonly sum: number;
}

/** Metrics in this format. */
export function exposition(metrics: readonly (Metric | Histogram)[]): string {
  const lines = metrics.flatMap((metric) => [
    `# HELP ${metric.name} ${escapeHelp(metric.help)}`,
    `# TYPE ${metric.name} ${metric.type}`,
    ...(metric.type === "histogram"
      ? histogramLines(metric)
      : metric.samples.map((sample) => line(metric.name, ...sample))),
  ]);
  return `${lines.join("\n")}\n`;
}

function histogramLines({ name, limits, counts, sum }: Histogram): string[] {
  let total = 0;
  const buckets = counts.map((count, i) => {
    total += count;
    const limit = limits[i];
    const le = limit === undefined ? "+Inf" : String(limit);
    return line(`${name}_bucket`, { le }, total);
  });
  return [
    ...buckets,
    line(`${name}_sum`, {}, sum),
    line(`${name}_count`, {}, total),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels)
    .map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
