import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls } from "@sesame/tls";
import {
  Counters,
  countersOf,
  type Figures,
  NO_FIGURES,
  sum,
} from "../../../src/cli/serve/counters.ts";
import { exposition } from "../../../src/cli/serve/exposition.ts";
import { metricsOf } from "../../../src/cli/serve/metrics.ts";
import { MetricsServer } from "../../../src/cli/serve/metrics_server.ts";
import { statusLine, summaryLine } from "../../../src/cli/serve/summary.ts";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { until } from "../../support/redis.ts";
import { hearAll } from "../../support/sockets.ts";

const SOME: Figures = {
  ...NO_FIGURES,
  handshakes: 10,
  resumed: { store: 5, ticket: 1 },
  full: { "none-offered": 3, "unknown-id": 1 },
  failed: { "handshake/decode error": 2, "timeout/": 1 },
  lookups: 7,
  storeErrors: { get: 1 },
  forwardFailures: 4,
  durations: NO_FIGURES.durations.map((_, i) => (i === 3 ? 10 : 0)),
  durationSum: 0.08,
  open: 2,
  memoryTotal: 1000,
};

describe("serve's metrics", () => {
  it("are in Prometheus's format, whatever labels and help hold", () => {
    const text = exposition([
      {
        name: "odd_total",
        help: "With a \\ and a\nline",
        type: "counter",
        samples: [[{ a: 'q"\\', b: "x\ny" }, 1.5], [{}, 0]],
      },
      {
        name: "seconds",
        help: "Times.",
        type: "histogram",
        limits: [0.1, 1],
        counts: [2, 0, 1],
        sum: 3.5,
      },
    ]);
    const values = readExposition(text);
    assertEquals(values.get('odd_total{a="q\\"\\\\",b="x\\ny"}'), 1.5);
    assertEquals(values.get("odd_total"), 0);
    assertEquals(values.get('seconds_bucket{le="0.1"}'), 2);
    assertEquals(values.get('seconds_bucket{le="1"}'), 2);
    assertEquals(values.get('seconds_bucket{le="+Inf"}'), 3);
    assertEquals(values.get("seconds_sum"), 3.5);
    assertEquals(values.get("seconds_count"), 3);
  });

  it("are refused by the reader of this test when they are not", () => {
    for (
      const text of [
        "a 1",
        "# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a counter\na 1\na 1\n",
        '# HELP a x\n# TYPE a counter\na{l="\n"} 1\n',
        '# HELP a x\n# TYPE a counter\na{l="q"q"} 1\n',
        "# HELP a x\n# TYPE a thing\na 1\n",
        '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n',
      ]
    ) assertThrows(() => readExposition(text));
  });

  it("have every counter", () => {
    const process = { serving: 3, restarts: 1, startedAt: 5_000 };
    const values = readExposition(exposition(metricsOf(SOME, process)));
    const expected = {
      'sesame_handshakes_total{result="resumed",reason=""}': 6,
      'sesame_handshakes_total{result="full",reason="unknown-id"}': 1,
      'sesame_resumptions_total{source="store"}': 5,
      'sesame_resumptions_total{source="internal"}': 0,
      'sesame_handshake_failures_total{code="handshake",alert="decode error"}':
        2,
      'sesame_handshake_failures_total{code="timeout",alert=""}': 1,
      'sesame_store_errors_total{operation="get"}': 1,
      "sesame_store_lookups_total": 7,
      'sesame_handshake_duration_seconds_bucket{le="0.005"}': 0,
      'sesame_handshake_duration_seconds_bucket{le="0.01"}': 10,
      "sesame_connections_open": 2,
      "sesame_forward_failures_total": 4,
      "sesame_workers": 3,
      "sesame_worker_restarts_total": 1,
      "process_start_time_seconds": 5,
    };
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(values.get(name), value, name);
    }
  });

  it("add up over workers, also those that have ended", () => {
    const both = sum([SOME, countersOf(SOME)]);
    assertEquals(both.handshakes, 20);
    assertEquals(both.resumed, { store: 10, ticket: 2 });
    assertEquals(both.durations[3], 20);
    assertEquals(both.forwardFailures, 8);
    assertEquals([both.open, both.memoryTotal], [2, 1000]);
    assertEquals(sum([]), NO_FIGURES);
  });

  it("put each duration in the bucket that holds it", () => {
    const counters = new Counters();
    for (const seconds of [0, 0.001, 0.0011, 10, 11]) {
      counters.countHandshake(seconds);
    }
    const none = { resumed: {}, full: {}, storeErrors: 0 };
    const { durations } = counters.figures({ ...NO_FIGURES, ...none }, {
      open: 0,
      memoryTotal: 0,
      memoryUsed: 0,
    });
    assertEquals(durations, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it("are summarised in a line", () => {
    assertEquals(
      statusLine(SOME, { ...SOME, handshakes: 5 }, 2),
      "2 open | 2.5 handshakes/s | 60 % resumed | full: none-offered 3, unknown-id 1 | 3 failed | 1 store errors",
    );
    assertEquals(summaryLine(NO_FIGURES), "0 handshakes");
  });
});

describe("serve --metrics", () => {
  for (const workers of ["1", "2"]) {
    it(`counts over ${workers} workers, and is healthy`, async () => {
      await using server = await CliServer.start([
        ...[
          "--metrics",
          "127.0.0.1:0",
          "--workers",
          workers,
          "--num-tickets",
          "1",
        ],
      ]);
      const url = await server.metricsUrl();
      for (let i = 0; i < 4; i++) await visit(server);
      await visit(server, "TLSv1.2");
      const response = await fetch(url);
      assertEquals(
        response.headers.get("content-type"),
        "text/plain; version=0.0.4; charset=utf-8",
      );
      let values = readExposition(await response.text());
      const full =
        'sesame_handshakes_total{result="full",reason="none-offered"}';
      // A worker that is slow to answer is counted as it was before.
      await until("all are counted", async () => {
        if (values.get(full) === 5) return true;
        values = readExposition(await (await fetch(url)).text());
        return false;
      });
      assertEquals(values.get("sesame_handshake_duration_seconds_count"), 5);
      assertEquals(values.get("sesame_store_writes_total"), 5);
      assertEquals(values.get("sesame_workers"), Number(workers));
      const used = values.get("sesame_wasm_memory_used_bytes") ?? 0;
      const total = values.get("sesame_wasm_memory_bytes") ?? 0;
      assert(0 < used && used < total, `${used} of ${total}`);
      const health = await fetch(new URL("/healthz", url));
      assertEquals([health.status, await health.text()], [200, "ok\n"]);
      const nothing = await fetch(new URL("/", url));
      await nothing.body?.cancel();
      assertEquals(nothing.status, 404);
    });
  }
});

describe("MetricsServer", () => {
  it("is healthy only as long as a worker serves", async () => {
    const fleet = {
      addr: { hostname: "::1", port: 1 },
      serving: 0,
      restarts: 0,
      figures: () => Promise.resolve(NO_FIGURES),
      update: () => {},
      drain: () => Promise.resolve(),
    };
    const server = new MetricsServer({ hostname: "127.0.0.1", port: 0 }, fleet);
    const { port } = server.addr;
    const health = async (): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      return [response.status, await response.text()];
    };
    assertEquals(await health(), [503, "no worker is listening\n"]);
    fleet.serving = 1;
    assertEquals(await health(), [200, "ok\n"]);
    server.isServing = false;
    assertEquals(await health(), [503, "draining\n"]);
    await server.close();
  });
});

/** Meets a server, and leaves without a request. */
async function visit(
  { port }: CliServer,
  maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
): Promise<void> {
  await using socket = await connectTls({
    hostname: "localhost",
    port,
    caCerts: [certificate.cert],
    maxVersion,
  });
  await socket.writable.close();
  await hearAll(socket);
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(
  `^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? ([+-]?[\\d.]+(?:e[+-]?\\d+)?)$`,
);
const HEADER = new RegExp(
  `^# HELP (${NAME}) (?:[^\\\\\\n]|\\\\[\\\\n])*\\n# TYPE (${NAME}) (counter|gauge|histogram)$`,
);

/** Reads Prometheus's text format, more strictly than Prometheus does. */
function readExposition(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const seen = new Set<string>();
  assert(text.endsWith("\n"), "no end of the last line");
  for (const block of text.slice(0, -1).split(/\n(?=# HELP )/)) {
    const lines = block.split("\n");
    const [, name = "", again, type] =
      HEADER.exec(lines.slice(0, 2).join("\n")) ?? [];
    assert(name !== "" && name === again, `no header in: ${block}`);
    assert(!seen.has(name), `${name} again`);
    seen.add(name);
    const own = new Map<string, number>();
    for (const line of lines.slice(2)) {
      const [, sample = "", labels = "", value] = SAMPLE.exec(line) ?? [];
      const suffix = sample.slice(name.length);
      assert(sample.startsWith(name), `not of ${name}: ${line}`);
      const isOfType = type === "histogram"
        ? ["_bucket", "_sum", "_count"].includes(suffix)
        : suffix === "";
      assert(isOfType, `not of a ${type}: ${line}`);
      assert(!own.has(sample + labels), `again: ${line}`);
      own.set(sample + labels, Number(value));
    }
    if (type === "histogram") checkHistogram(name, own);
    for (const [sample, value] of own) values.set(sample, value);
  }
  return values;
}

function checkHistogram(name: string, values: Map<string, number>): void {
  const buckets = [...values].filter(([key]) => key.includes("_bucket{le="));
  const counts = buckets.map(([, count]) => count);
  assertEquals(counts, counts.toSorted((a, b) => a - b));
  assertEquals(buckets.at(-1)?.[0], `${name}_bucket{le="+Inf"}`);
  assertEquals(counts.at(-1), values.get(`${name}_count`));
  assert(values.has(`${name}_sum`));
}
