/**
 * Prometheus's text format, version 0.0.4.
 *
 * @module
 */

/** The media type of the format. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Labels and their values. */
export type Labels = Readonly<Record<string, string>>;

/** A value of a metric, with the labels that tell it from the others. */
export type Sample = readonly [labels: Labels, value: number];

/** A metric with all its values. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

/** A metric that counts values by how large they are. */
export interface Histogram {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  /** Up to where the buckets go. */
  readonly limits: readonly number[];
  /** How many values are in each bucket, and after them those that are in none. */
  readonly counts: readonly number[];
  /** All values together. */
  readonly sum: number;
}

/** Metrics as Prometheus reads them. */
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
