import config from "../../../deno.json" with { type: "json" };
import { OpenSSL } from "../../libssl/openssl.ts";
import { type Counts, DURATION_BUCKETS, type Figures } from "./counters.ts";
import type { Histogram, Metric, Sample } from "./exposition.ts";

const RESUMPTION_SOURCES = ["store", "internal", "ticket"];
const STORE_OPERATIONS = ["get", "take", "set", "delete", "tag"];

/** What is told of the process as a whole. */
export interface ProcessFigures {
  /** How many threads serve now. */
  readonly serving: number;
  readonly restarts: number;
  /** When it started, in ms since the epoch. */
  readonly startedAt: number;
}

/** Everything that Prometheus is told. */
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
      "Completed handshakes, by whether they resumed a session or why not.",
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
      "Connections that came to nothing, by the error and the alert sent or received.",
      Object.entries(failed).map(([name, count = 0]): Sample => {
        const [code = "", alert = ""] = name.split("/");
        return [{ code, alert }, count];
      }),
    ),
    {
      name: "sesame_handshake_duration_seconds",
      help: "From the TCP connection to the end of the handshake.",
      type: "histogram",
      limits: DURATION_BUCKETS,
      counts: durations,
      sum: durationSum,
    },
    gauge("sesame_connections_open", "Open connections.", open),
    counter(
      "sesame_forward_failures_total",
      "Connections that the server of --forward has failed: it couldn't be reached, or broke off.",
      [[{}, forwardFailures]],
    ),
  ];
}

function storeMetrics(figures: Figures): Metric[] {
  const { lookups, writes, deletions, storeErrors } = figures;
  return [
    counter(
      "sesame_store_lookups_total",
      "Look-ups that reached the session store.",
      [[{}, lookups]],
    ),
    counter(
      "sesame_store_writes_total",
      "Sessions given to the store.",
      [[{}, writes]],
    ),
    counter(
      "sesame_store_deletions_total",
      "Sessions deleted from the store.",
      [[{}, deletions]],
    ),
    counter(
      "sesame_store_errors_total",
      "Failures of the store, by what it was asked.",
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
      "Memory of all OpenSSL instances.",
      memoryTotal,
    ),
    gauge(
      "sesame_wasm_memory_used_bytes",
      "What of that memory is allocated.",
      memoryUsed,
    ),
    gauge("sesame_workers", "Threads that serve.", serving),
    counter(
      "sesame_worker_restarts_total",
      "Threads started in place of others that had ended.",
      [[{}, restarts]],
    ),
    {
      ...gauge("sesame_build_info", "What this is.", 1),
      samples: [[
        { version: config.version, openssl: OpenSSL.default.version },
        1,
      ]],
    },
    gauge(
      "process_resident_memory_bytes",
      "Resident memory of the process.",
      Deno.memoryUsage().rss,
    ),
    gauge(
      "process_start_time_seconds",
      "When the process started, since the epoch.",
      startedAt / 1000,
    ),
  ];
}

/** Numbers by name; usual names are there from the start, so that rates begin at 0. */
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
