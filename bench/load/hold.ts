/**
 * Connections that are open and idle: what memory each takes, and whether all still live.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import type { Clients, Command } from "./clients.ts";
import { readMetrics, type WasmMemory } from "./metrics.ts";
import type { LoadOptions } from "./options.ts";
import { Phase } from "./phase.ts";
import { openFilesLimit, residentBytes } from "./processes.ts";
import { Progress } from "./progress.ts";
import type { Server } from "./server.ts";

/** The server's memory, in bytes: its processes', and of it OpenSSL's; null if unknown. */
export interface Memory extends WasmMemory {
  rss: number | null;
}

/** The figures of connections that were held. */
export interface HoldFigures {
  asked: number;
  /** How many were open. */
  open: number;
  openSeconds: number;
  heldSeconds: number;
  /** How many answered a request when they had been held. */
  answered: number;
  before: Memory;
  held: Memory;
  /** What one connection added, in bytes. */
  rssPerConnection: number | null;
  wasmPerConnection: number | null;
  errors: Record<string, number>;
}

/** What a process has open besides connections, with room to spare. */
const OTHER_FILES = 100;
const LOOK_MS = 250;

/** Opens connections, holds them and asks each for an answer. */
export async function runHold(
  name: string,
  clients: Clients,
  server: Server,
  { hold: asked = 0, seconds, warmUp }: LoadOptions,
): Promise<HoldFigures> {
  checkLimits(asked, clients, server);
  const all = new Phase("full", seconds);
  if (warmUp > 0) await warm(name, clients, all, warmUp);
  const warmUpHandshakes = all.handshakes;
  const before = await memoryOf(server);

  const run = async (title: string, command: Command): Promise<number> => {
    using progress = new Progress(`${name} ${title}`, asked, "connections");
    const { handshakes, errorCount, exchanges } = all;
    let ms = 0;
    await clients.run(command, (report) => {
      all.add(report);
      ms = Math.max(ms, report.at);
      const done = all.handshakes - handshakes + all.exchanges - exchanges;
      const errors = all.errorCount - errorCount;
      progress.update(done, errors === 0 ? "" : `${errors} errors`);
    });
    return ms / 1000;
  };
  const openSeconds = await run("open  ", { command: "open", count: asked });
  const open = all.handshakes - warmUpHandshakes;
  await wait(name, seconds, server);
  const held = await memoryOf(server);
  const exchanged = all.exchanges;
  await run("answer", { command: "ask" });

  const grown = (key: keyof Memory): number | null => {
    const [from, to] = [before[key], held[key]];
    return from === null || to === null || open === 0
      ? null
      : (to - from) / open;
  };
  return {
    asked,
    open,
    openSeconds,
    heldSeconds: seconds,
    answered: all.exchanges - exchanged,
    before,
    held,
    rssPerConnection: grown("rss"),
    wasmPerConnection: grown("wasmUsed"),
    errors: all.figures(null).errors,
  };
}

/** What the first connections cost once is no connection's own. */
async function warm(
  name: string,
  clients: Clients,
  all: Phase,
  seconds: number,
): Promise<void> {
  using progress = new Progress(`${name} warm-up`, seconds, "s");
  await clients.run(
    { command: "load", seconds, isResuming: false },
    (report) => {
      all.add(report);
      progress.update(report.at / 1000, "");
    },
  );
}

async function wait(
  name: string,
  seconds: number,
  { pid }: Server,
): Promise<void> {
  using progress = new Progress(`${name} hold  `, seconds, "s");
  const startedAt = performance.now();
  for (let passed = 0; passed < seconds;) {
    await setTimeout(Math.min(LOOK_MS, (seconds - passed) * 1000));
    passed = (performance.now() - startedAt) / 1000;
    const rss = pid === undefined ? null : residentBytes(pid);
    const note = rss === null ? "" : `server RSS ${Math.round(rss / 1e6)} MB`;
    progress.update(passed, note);
  }
}

async function memoryOf(server: Server): Promise<Memory> {
  const rss = server.pid === undefined ? null : residentBytes(server.pid);
  return { rss, ...await readMetrics(server.metrics) };
}

function checkLimits(asked: number, clients: Clients, { pid }: Server): void {
  const { pids } = clients;
  const perClient = Math.ceil(asked / pids.length);
  const needs: [whose: string, pid: number | undefined, files: number][] = [
    ["a process of the clients", pids[0], perClient],
    ["the server", pid, asked],
  ];
  for (const [whose, pid, connections] of needs) {
    const files = connections + OTHER_FILES;
    if (pid === undefined || openFilesLimit(pid) >= files) continue;
    throw new Error(
      `Cannot hold ${asked} connections: ${whose} may have ${
        openFilesLimit(pid)
      } files open and needs ${files}. Raise the limit before: ulimit -n ${files}`,
    );
  }
}
