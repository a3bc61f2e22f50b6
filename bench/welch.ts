/**
 * Welch's t, and what it needs.
 *
 * @module
 */

/** Welch's t of two samples: the difference of their means in standard errors; 0 of fewer than two values. */
export function difference(a: number[], b: number[]): number {
  if (a.length < 2 || b.length < 2) return 0;
  const error = variance(a) / a.length + variance(b) / b.length;
  return error > 0 ? (mean(a) - mean(b)) / Math.sqrt(error) : 0;
}

/** The value that a share of the values is not above. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return squares / (values.length - 1);
}
