import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
  assertMatch,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  type Phase,
  type Tally,
  Timeline,
} from "../../examples/fleet/timeline.ts";
import { Folder } from "../support/temp_folder.ts";
import { describeWithRedis } from "../support/redis.ts";

/** How many there are unless it is told. */
const CLIENTS = 8;

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describeWithRedis("redis-server", "A fleet behind one Redis", () => {
  it("survives the death of one, and of Redis", async () => {
    const { code, out, err } = await fleet("--json", "--seconds", "1.5");
    assertEquals(err, "");
    assertEquals(code, 0);
    const phases: Phase[] = JSON.parse(out).phases;
    assertEquals(
      phases.map(({ name }) => name),
      ["before", "server lost", "Redis lost", "back", "after"],
    );
    // Nothing fails but what the dead server had, or would have had.
    assertEquals(phases.flatMap(({ failures }) => failures), []);
    const [before, lost] = phases;
    assertEquals(before?.lost, 0);
    assertGreater(lost?.lost ?? 0, 0);
    for (const phase of phases) {
      for (const version of ["TLSv1.2", "TLSv1.3"]) {
        assertGreater(phase.versions[version]?.handshakes ?? 0, 0, phase.name);
      }
    }
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      // Each client's first handshake is full, and so are those after Redis was lost: how
      // many others there are is up to the machine.
      for (const i of [0, 1, 4]) {
        const { handshakes, resumed } = tallyOf(phases[i], version);
        assertLessOrEqual(handshakes - resumed, CLIENTS, phases[i]?.name);
      }
      const { handshakes, resumed } = tallyOf(phases[2], version);
      assertLess(resumed, handshakes / 2, "Redis lost");
    }
  });

  it("draws what happens", async () => {
    const { code, out } = await fleet("--seconds", "1", "--clients", "2");
    assertEquals(code, 0);
    assertMatch(
      out,
      /3 servers on ports \d+, \d+, \d+, their sessions encrypted/,
    );
    assertMatch(out, /█ +100 % resumed +\d+\/s/);
    assertMatch(out, /a server is killed\n/);
    assertMatch(out, /Redis is back, and empty\n/);
    assertMatch(out, /TLSv1\.3 resumed/);
  });

  it("explains itself, and what it can't take", async () => {
    const [help, { code, err }, half] = await Promise.all([
      fleet("--help"),
      fleet("--servers", "none"),
      fleet("--servers", "0.5"),
    ]);
    assertMatch(help.out, /redis-server must be\s+in PATH/);
    assertEquals(code, 1);
    assertMatch(err, /must be a number/);
    assertMatch(half.err, /whole number/);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    await using folder = await Folder.make();
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "examples/fleet.ts", "--seconds", "1000"],
      cwd: ROOT,
      env: { TMPDIR: folder.path("") },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    assertMatch((await output.read()).value ?? "", /^3 servers on ports/);
    output.releaseLock();
    const pids = childrenOf(child.pid);
    assertEquals(pids.length, 4, "Redis and the servers");
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 130);
    assertEquals(pids.filter((pid) => end(pid)), [], "they live");
    const left = await Array.fromAsync(Deno.readDir(folder.path("")));
    assertEquals(left.map(({ name }) => name).sort(), ["cert.pem", "key.pem"]);
  });
});

describe("The fleet's timeline", () => {
  it("draws the rate since the last line, also across phases", () => {
    let now = 0;
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const timeline = new Timeline({ isSilent: false, now: () => now, print });
    const count = (): void => {
      for (let i = 0; i < 10; i++) timeline.count("TLSv1.3", true);
    };
    timeline.begin("one");
    count();
    now = 250;
    timeline.end();
    timeline.begin("two");
    count();
    now = 1_000;
    timeline.draw();
    timeline.end();
    assertEquals(lines.length, 1);
    assertMatch(lines[0] ?? "", / 20\/s/);
  });
});

function tallyOf(phase: Phase | undefined, version: string): Tally {
  const tally = phase?.versions[version];
  assert(tally);
  return tally;
}

/** Ends a process: whether there was one. */
function end(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** The processes that a process has started and that live, as Linux tells. */
function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((id) => {
      try {
        const stat = Deno.readTextFileSync(`/proc/${id}/stat`);
        const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(parent) === pid;
      } catch {
        return false; // It is no process, or has ended meanwhile.
      }
    });
}

async function fleet(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "examples/fleet.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
