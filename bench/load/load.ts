/**
 * Clients that connect over and over: the phases of a run.
 *
 * @module
 */
import type { Clients } from "./clients.ts";
import type { LoadOptions } from "./options.ts";
import { type Mode, Phase, type PhaseFigures } from "./phase.ts";
import { processorMs } from "./processes.ts";
import { Progress } from "./progress.ts";
import type { Server } from "./server.ts";

/** A phase that is over. */
export interface PhaseResult {
  phase: Phase;
  figures: PhaseFigures;
}

/** Runs the phases one after the other, until one comes to nothing. */
export async function runPhases(
  name: string,
  clients: Clients,
  server: Server,
  { modes, seconds, warmUp }: LoadOptions,
): Promise<PhaseResult[]> {
  const plan: [Mode, number][] = modes.map((mode) => [mode, seconds]);
  // Resumed ones, so that the code for both sorts is compiled.
  if (warmUp > 0) plan.unshift(["warm-up", warmUp]);
  const results: PhaseResult[] = [];
  for (const [mode, length] of plan) {
    const phase = new Phase(mode, length);
    const figures = await runPhase(name, phase, length, clients, server);
    results.push({ phase, figures });
    if (phase.handshakes === 0) break;
  }
  return results;
}

async function runPhase(
  name: string,
  phase: Phase,
  seconds: number,
  clients: Clients,
  { pid }: Server,
): Promise<PhaseFigures> {
  using progress = new Progress(
    `${name} ${phase.mode.padEnd("resumed".length)}`,
    seconds,
    "s",
  );
  const before = pid === undefined ? null : processorMs(pid);
  const isResuming = phase.mode !== "full";
  await clients.run({ command: "load", seconds, isResuming }, (report) => {
    phase.add(report);
    progress.update(report.at / 1000, noteOn(phase, report.at));
  });
  const after = pid === undefined ? null : processorMs(pid);
  return phase.figures(
    before === null || after === null ? null : after - before,
  );
}

function noteOn(phase: Phase, at: number): string {
  const rate = Math.round(phase.handshakes / at * 1000);
  const resumed = phase.mode === "full"
    ? ""
    : `, ${(phase.resumedShare * 100).toFixed(1)} % resumed`;
  const errors = phase.errorCount === 0 ? "" : `, ${phase.errorCount} errors`;
  return `${rate} handshakes/s${resumed}${errors}`;
}
