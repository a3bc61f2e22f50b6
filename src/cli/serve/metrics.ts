import config from "../../../deno.json" with { type: "json" };
import { OpenSSL } from "../../../mod.ts";
import { type Counts, DURATION_BUCKETS, type Figures } from "./counters.ts";
import type { Histogram, Metric, Sample } from "./exposition.ts";

const RESUMPTION_SOURCES = ["store", "internal", "ticket"];
const STORE_OPERATIONS = ["get", "take", "set", "delete", "tag"];

/** The figures of the process as a whole. */
export interface ProcessFigures {
  /** How many threads listen now. */
  readonly serving: number;
  readonly restarts: number;
  /** When it started, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** All metrics. */
export function metricsOf(
  figures: Figures,
  process: ProcessFigures,
): (Metric | Histogram)[] {
  return [
    ...handshakeMetrics(figures),
    ...storeMetrics(figures),
    ...processMetrics(figures, process),
  ];
}

function handshakeMetrics(figures: Figures): (Metric | Histogram)[] {
  const { resumed, full, failed, durations, durationSum } = figures;
  const { open, forwardFailures } = figures;
  const resumptions = byName(resumed, "source", RESUMPTION_SOURCES);
  const resumptionCount = resumptions.reduce((n, [, count]) => n + count, 0);
  return [
    counter(
      "sesame_handshakes_total",
      "Completed handshakes, by whether a session was resumed or why not.",
      [
        [{ result: "resumed", reason: "" }, resumptionCount],
        ...Object.entries(full).map(([reason, count = 0]): Sample => [
          { result: "full", reason },
          count,
        ]),
      ],
    ),
    counter(
      "sesame_resumptions_total",
      "Resumed handshakes, by where the session came from.",
      resumptions,
    ),
    counter(
      "sesame_handshake_failures_total",
      "Connections whose handshake failed, by error code and alert.",
      Object.entries(failed).map(([name, count = 0]): Sample => {
        const [code = "", alert = ""] = name.split("/");
        return [{ code, alert }, count];
      }),
    ),
    {
      name: "sesame_handshake_duration_seconds",
      help:
        "Time from accepting the TCP connection to the end of the handshake.",
      type: "histogram",
      limits: DURATION_BUCKETS,
      counts: durations,
      sum: durationSum,
    },
    gauge("sesame_connections_open", "Open connections.", open),
    counter(
      "sesame_forward_failures_total",
      "Connections on which the server of --forward could not be reached or reset the connection.",
      [[{}, forwardFailures]],
    ),
  ];
}

function storeMetrics(figures: Figures): Metric[] {
  const { lookups, writes, deletions, storeErrors } = figures;
  return [
    counter(
      "sesame_store_lookups_total",
      "Look-ups in the session store.",
      [[{}, lookups]],
    ),
    counter(
      "sesame_store_writes_total",
      "Sessions written to the store.",
      [[{}, writes]],
    ),
    counter(
      "sesame_store_deletions_total",
      "Sessions deleted from the store.",
      [[{}, deletions]],
    ),
    counter(
      "sesame_store_errors_total",
      "Failed calls of the store, by operation.",
      byName(storeErrors, "operation", STORE_OPERATIONS),
    ),
  ];
}

function processMetrics(
  { memoryTotal, memoryUsed }: Figures,
  { serving, restarts, startedAt }: ProcessFigures,
): Metric[] {
  return [
    gauge(
      "sesame_wasm_memory_bytes",
      "WebAssembly memory of all OpenSSL instances.",
      memoryTotal,
    ),
    gauge(
      "sesame_wasm_memory_used_bytes",
      "Allocated part of that memory.",
      memoryUsed,
    ),
    gauge("sesame_workers", "Threads that listen.", serving),
    counter(
      "sesame_worker_restarts_total",
      "Workers that were restarted.",
      [[{}, restarts]],
    ),
    {
      ...gauge("sesame_build_info", "Versions of this program.", 1),
      samples: [[
        { version: config.version, openssl: OpenSSL.default.version },
        1,
      ]],
    },
    gauge(
      "process_resident_memory_bytes",
      "Resident memory size of the process.",
      Deno.memoryUsage().rss,
    ),
    gauge(
      "process_start_time_seconds",
      "Start time of the process since the epoch.",
      startedAt / 1000,
    ),
  ];
}

/** A sample for each name. The usual names are there from the start, so that rates begin at 0. */
function byName(counts: Counts, label: string, usual: string[]): Sample[] {
  const all: Counts = {
    ...Object.fromEntries(usual.map((name) => [name, 0])),
    ...counts,
  };
  return Object.entries(all)
    .map(([name, count = 0]): Sample => [{ [label]: name }, count]);
}

function counter(
  name: string,
  help: string,
  samples: readonly Sample[],
): Metric {
  return { name, help, type: "counter", samples };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [[{}, value]] };
}
