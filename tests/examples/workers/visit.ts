import type { Servers } from "../../drivers/servers/mod.ts";
import { SimulatedWorker, type Simulation } from "./simulated.ts";

/** What a test of an example is given. */
export interface Visit {
  readonly servers: Servers;
  /** Starts the example in a workerd of its own. */
  start(bindings: Readonly<Record<string, string>>): Promise<SimulatedWorker>;
  /** Runs requests, and notes the processor time that the first and the tenth take. */
  measure(worker: SimulatedWorker, request: () => Promise<void>): Promise<void>;
}

/** An example, and what it must do. */
export interface Example {
  /** Its folder. */
  readonly name: string;
  /** The servers that it visits. */
  readonly servers: readonly string[];
  /** What it may be for Wrangler, in KiB after gzip. */
  readonly maxGzip: number;
  /** Whether it takes no module of Node.js's, so that Wrangler is told nothing. */
  readonly isPlain: boolean;
  /** Throws unless it works. */
  visit(visit: Visit): Promise<void>;
}

/** Processor time in workerd, in milliseconds. */
export interface Times {
  first: number;
  tenth: number;
}

const REQUESTS = 10;

/** A visit of an example. */
export function visitTo(
  simulation: Simulation,
  servers: Servers,
  name: string,
  times: Times,
): Visit {
  return {
    servers,
    start: (bindings) => SimulatedWorker.start(simulation, name, bindings),
    async measure(worker, request): Promise<void> {
      for (let i = 1; i <= REQUESTS; i++) {
        const before = await worker.cpuMs();
        await request();
        const ms = await worker.cpuMs() - before;
        if (i === 1) times.first = ms;
        times.tenth = ms;
      }
    },
  };
}

/** The bindings by which a Worker finds a server. */
export function addressOf(
  { site }: Servers,
  server: string,
): { HOST: string; PORT: string; CA: string } {
  return { HOST: "localhost", PORT: String(site.ports[server]), CA: site.ca };
}
