import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { it } from "@std/testing/bdd";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { Folder } from "../support/temp_folder.ts";
import { ANSWER, TestServer } from "../support/load_server.ts";
import { describeWith, type Output, run } from "../support/programs.ts";

const PROGRAM = fileURLToPath(new URL("../../bench/load.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const HOSTNAME = "127.0.0.1";

/** Each has a full handshake before it can resume. */
const CLIENTS = 4;

interface PhaseFigures {
  mode: string;
  seconds: number;
  handshakes: number;
  full: number;
  resumed: number;
  handshakesPerSecond: number;
  exchanges: number;
  handshakeMs: Record<string, number>;
  errors: Record<string, number>;
  intervals: { at: number; handshakesPerSecond: number }[];
}

interface Figures {
  targets: string[];
  runs: {
    tls: string;
    phases: PhaseFigures[];
    hold?: Record<string, number> & { errors: Record<string, number> };
  }[];
  errors: number;
}

describeWith("node", "deno task load", () => {
  it("counts the handshakes that the server counts, full ones and resumed ones", async () => {
    await using server = new TestServer();
    const { code, figures, stderr } = await load(server, "--tls", "both");
    assertEquals([code, figures.errors], [0, 0]);
    assertEquals(figures.runs.map(({ tls }) => tls), ["TLSv1.2", "TLSv1.3"]);

    const phases = figures.runs.flatMap(({ phases }) => phases);
    const { handshakes, resumed } = server.stats;
    assertEquals(sum(phases.map((phase) => phase.handshakes)), handshakes);
    assertEquals(
      sum(phases.map((phase) => phase.resumed)),
      sum(Object.values(resumed)),
    );
    for (const { phases: [warmUp, full, resumed] } of figures.runs) {
      assert(warmUp && full && resumed);
      assertEquals(full.mode, "full");
      assertEquals(full.resumed, 0);
      assertEquals(resumed.mode, "resumed");
      assert(resumed.full <= CLIENTS, `${resumed.full} full handshakes`);
      for (const phase of [warmUp, full, resumed]) checkFigures(phase);
    }
    for (const { phases } of figures.runs) {
      const { resumed = 0, handshakes = 0 } = phases.at(-1) ?? {};
      const share = (100 * resumed / handshakes).toFixed(1);
      assertMatch(stderr, new RegExp(`resumed │ +[\\d.]+ │ +${share} %`));
    }
    assertMatch(stderr, /ms │full: \d+ handshakes +resumed: \d+ handshakes/);
    assertMatch(stderr, /TLSv1.3 resumed .*handshakes\/s, [\d.]+ % resumed/);
  });

  it("proposes the session of one server to the next", async () => {
    const sessions = new MemorySessionStore();
    await using one = new TestServer({ sessions });
    await using other = new TestServer({ sessions });
    const { code, figures } = await load(
      one,
      other.target,
      "--mode",
      "resumed",
    );
    assertEquals(code, 0);
    assertEquals(figures.targets, [one.target, other.target]);

    const resumed = figures.runs[0]?.phases.at(-1);
    assert(resumed && resumed.full <= CLIENTS);
    const [here, there] = [one.stats, other.stats];
    assert(Math.abs(here.handshakes - there.handshakes) <= 8);
    assert(sum(Object.values(there.resumed)) > 0.5 * there.handshakes);
  });

  it("holds connections open, and then each answers", async () => {
    await using server = new TestServer();
    const { code, figures, stderr } = await load(
      server,
      "--hold",
      "50",
      "--pid",
      String(Deno.pid),
    );
    assertEquals(code, 0);
    const hold = figures.runs[0]?.hold;
    assert(hold);
    assertEquals([hold["open"], hold["answered"]], [50, 50]);
    assertEquals(hold.errors, {});
    assertEquals(server.mostOpen >= 50, true);
    assertEquals(typeof hold["rssPerConnection"], "number");
    assertMatch(stderr, /1\.3 │ +50 │/);
  });

  it("counts errors by where and what, and says so with its exit code", async () => {
    await using server = new TestServer({
      answer: (n) => n % 3 === 0 ? "HTTP/1.1 503 No\r\n\r\n" : ANSWER,
    });
    const { code, figures, stderr } = await load(server, "--mode", "full");
    assertEquals(code, 1);
    const phases = figures.runs.flatMap(({ phases }) => phases);
    const refused = phases.map((phase) =>
      phase.errors["answer: HTTP 503"] ?? 0
    );
    assertEquals(sum(refused), figures.errors);
    assertEquals(figures.errors, Math.floor(server.stats.handshakes / 3));
    assertStringIncludes(stderr, "× answer: HTTP 503");
    const { handshakes } = server.stats;
    assertEquals(sum(phases.map((phase) => phase.handshakes)), handshakes);
    const answered = sum(phases.map((phase) => phase.exchanges));
    assertEquals(answered, handshakes - figures.errors);
  });

  it("counts connections that a server drops while they are held", async () => {
    await using server = new TestServer({ answer: () => null });
    const allowed = ["--max-errors", "1000000"];
    const { code, figures } = await load(server, "--hold", "20", ...allowed);
    assertEquals(code, 0);
    const hold = figures.runs[0]?.hold;
    assertEquals(hold?.["answered"], 0);
    assert(sum(Object.values(hold?.errors ?? {})) >= 20);
  });

  it("stops after a phase without a single handshake", async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, HOSTNAME);
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, figures } = await load(`${HOSTNAME}:${port}`);
    server.close();
    assertEquals(code, 1);
    const [only, ...others] = figures.runs[0]?.phases ?? [];
    assertEquals([only?.handshakes, others], [0, []]);
    const kinds = Object.keys(only?.errors ?? {});
    assertEquals(
      kinds.filter((kind) => !/^handshake: E[A-Z]+$/.test(kind)),
      [],
    );
    assert(figures.errors > 0);
  });

  it("starts a server of its own, which also tells OpenSSL's memory", async () => {
    const args = [PROGRAM, "--seconds", "0.3", "--warm-up", "0.1"];
    const { code, stdout, stderr } = await run(Deno.execPath(), [
      ...["run", "-A", ...args, "--clients", "4", "--mode", "resumed"],
    ]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /1\.3 │ resumed/);

    const held = await run(Deno.execPath(), [
      ...["run", "-A", ...args, "--hold", "20", "--json", "-"],
    ]);
    assertEquals(held.code, 0, held.stderr);
    const hold = JSON.parse(held.stdout).runs[0].hold;
    assertEquals([hold.open, hold.answered], [20, 20]);
    assert(hold.wasmPerConnection > 1_000);
  });

  it("says before the run which file it can't use", async () => {
    await using folder = await Folder.make();
    const json = folder.path("none/figures.json");
    for (
      const [args, complaint] of [
        [["--ca", folder.path("none")], "Cannot read --ca"],
        [["--ca", CONFIG], "it has no PEM"],
        [["--json", json], "Cannot write --json"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(Deno.execPath(), [
        ...["run", "-A", PROGRAM, "localhost:1", ...args],
      ]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, complaint);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
    }
  });

  it("explains itself, and what it can't take", async () => {
    const help = await run(Deno.execPath(), ["run", "-A", PROGRAM, "--help"]);
    assertEquals(help.code, 0);
    assertMatch(help.stdout, /--hold <N>[^]*deno task load --hold 10000/);
    for (
      const [args, complaint] of [
        [["--tls", "1.1"], "1.1"],
        [["--clients", "0"], "whole number from 1"],
        [["--seconds", "soon"], "number from 0"],
        [["localhost"], "HOST:PORT"],
        [["localhost:1", "--workers", "2"], "--workers"],
        [["--pid", "1"], "--pid"],
        [["--nope"], "--nope"],
      ] as const
    ) {
      const { code, stderr } = await run(Deno.execPath(), [
        ...["run", "-A", PROGRAM, ...args],
      ]);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, complaint);
      assertStringIncludes(stderr, "--help");
    }
  });
});

/** Runs the program against a server for a short time: its figures and what it said. */
async function load(
  server: TestServer | string,
  ...args: string[]
): Promise<Output & { figures: Figures }> {
  await using folder = await Folder.make();
  const output = await run(Deno.execPath(), [
    ...["run", "-A", PROGRAM, "--json", "-", "--ca", folder.certificate],
    ...["--clients", String(CLIENTS), "--seconds", "0.3", "--warm-up", "0.1"],
    ...["--servername", "localhost", "--client-processes", "2"],
    typeof server === "string" ? server : server.target,
    ...args,
  ]);
  try {
    return { ...output, figures: JSON.parse(output.stdout) };
  } catch {
    throw new Error(`No figures, but ${output.stdout}${output.stderr}`);
  }
}

function checkFigures(phase: PhaseFigures): void {
  assert(phase.handshakes > 0);
  assertEquals(phase.full + phase.resumed, phase.handshakes);
  assertEquals(phase.exchanges, phase.handshakes);
  assertEquals(phase.errors, {});
  const rate = phase.handshakes / phase.seconds;
  assert(Math.abs(phase.handshakesPerSecond - rate) < 0.01 * rate);
  const { p50 = NaN, p90 = NaN, p99 = NaN, max = NaN } = phase.handshakeMs;
  assert(0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= max);
  const length = (phase.intervals[1]?.at ?? NaN) -
    (phase.intervals[0]?.at ?? NaN);
  const inIntervals = sum(phase.intervals.map((i) => i.handshakesPerSecond)) *
    length;
  // Those that were under way at the end are in none.
  assert(inIntervals <= phase.handshakes + 0.01);
  assert(inIntervals >= phase.handshakes - 4.01);
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
