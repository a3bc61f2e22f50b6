/**
 * What is measured. README.md in this folder says what each metric means.
 *
 * @module
 */

import type { Primitive } from "./primitives.mjs";

/** One thing to measure; the name of its metric says how. */
export interface Measurement {
  metric: string;
  version: "TLSv1.2" | "TLSv1.3";
  key: "P-256" | "RSA-2048";
  group: string;
  cipher: "AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305";
  /** Where it is about handshakes of one kind. */
  resumed?: boolean;
  /** Where the server keeps no sessions, whatever the version. */
  tickets?: "stateless";
}

/** All of them, in the order of the table; native.c holds the same list. */
export const measurements: Measurement[];

/** A measurement's name, by which `--only` selects it. */
export function nameOf(m: Measurement | Primitive): string;
