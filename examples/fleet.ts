/**
 * Servers in processes of their own behind one Redis, and clients that go from one to the
 * next, in TLS 1.2 and 1.3. In the middle of it one server is killed, and Redis is killed
 * and started again. `deno run -A examples/fleet.ts --help`
 */
import { Command, InvalidArgumentError } from "commander";
import { printTable } from "console-table-printer";
import { Clients } from "./fleet/clients.ts";
import { Redis } from "./fleet/redis.ts";
import { Servers } from "./fleet/servers.ts";
import { type Phase, Timeline } from "./fleet/timeline.ts";

const INTERRUPTED = 130;

const { servers: count, clients: clientCount, seconds, json } = readArguments();
const timeline = new Timeline({ isSilent: json });

// What was started ends with this, however it ends.
// deno-lint-ignore no-undef -- the linter has yet to hear of it
await using cleanup = new AsyncDisposableStack();
const isDone = await Promise.race([run().then(() => true), interruption()]);
await cleanup.disposeAsync();
if (isDone) report();
else Deno.exit(INTERRUPTED);

async function run(): Promise<void> {
  const redis = await Redis.start(cleanup);
  const servers = await Servers.start(count, redis.url, cleanup);
  const clients = cleanup.use(new Clients(servers, timeline, clientCount));
  if (!json) {
    console.log(
      `${count} servers on ports ${servers.ports.join(", ")}, their sessions ` +
        `encrypted in Redis on port ${redis.port}, ${clientCount} clients`,
    );
  }
  clients.start();
  await phase("before", seconds);
  const survivors = count - 1;
  if (survivors > 0) {
    servers.kill(0);
    timeline.note("a server is killed");
  }
  await phase("server lost", seconds);
  redis.kill();
  timeline.note("Redis is killed");
  await phase("Redis lost", seconds / 2);
  await redis.restart();
  timeline.note("Redis is back, and empty");
  await phase("back", seconds / 2);
  await phase("after", seconds);
  await clients.stop();
}

async function phase(name: string, seconds: number): Promise<void> {
  timeline.begin(name);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  timeline.end();
}

/** Resolves when the user has had enough. */
function interruption(): Promise<false> {
  return new Promise((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve(false));
    Deno.addSignalListener("SIGTERM", () => resolve(false));
  });
}

function report(): void {
  const { phases } = timeline;
  if (json) {
    console.log(JSON.stringify({ servers: count, phases }));
  } else {
    console.log();
    printTable(phases.map(rowOf), {
      defaultColumnOptions: { alignment: "right" },
      shouldDisableColors: true,
    });
  }
  const failures = phases.flatMap(({ failures }) => failures);
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) Deno.exitCode = 1;
}

function rowOf(phase: Phase): Record<string, string | number> {
  const { name, seconds, versions, failures, lost } = phase;
  const all = Object.values(versions);
  const handshakes = all.reduce((sum, { handshakes }) => sum + handshakes, 0);
  const row: Record<string, string | number> = {
    phase: name,
    "handshakes/s": (handshakes / seconds).toFixed(0),
  };
  for (const [version, { handshakes, resumed }] of Object.entries(versions)) {
    row[`${version} resumed`] = percent(resumed, handshakes);
  }
  return {
    ...row,
    "attempts at the dead server": lost,
    "failed elsewhere": failures.length,
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${(100 * part / whole).toFixed(1)} %`;
}

function readArguments(): {
  servers: number;
  clients: number;
  seconds: number;
  json: boolean;
} {
  const whole = (text: string): number => {
    const value = positive(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError("It must be a whole number.");
  };
  const positive = (text: string): number => {
    const value = Number(text);
    if (value > 0 && value <= 1000) return value;
    throw new InvalidArgumentError("It must be a number up to 1000.");
  };
  return new Command("fleet")
    .description(
      "Servers in processes of their own share sessions by Redis (redis-server must be " +
        "in PATH), while one of them is killed and Redis restarts. Exits with 1 if a " +
        "connection to a server that lives has failed.",
    )
    .option("--servers <n>", "how many servers", whole, 3)
    .option("--clients <n>", "how many clients at a time", whole, 8)
    .option("--seconds <n>", "how long each phase takes", positive, 4)
    .option("--json", "print nothing but the figures", false)
    .parse(Deno.args, { from: "user" })
    .opts();
}
