import { join } from "node:path";

/** What a process and its children may take together. */
const LIMITS = {
  /** Time, in milliseconds. */
  time: 30_000,
  /** Memory, in bytes: what is resident. */
  memory: 1_500 * 2 ** 20,
  /** Processes at one time. */
  processes: 40,
  /** What is printed, in bytes. */
  output: 4 * 2 ** 20,
} as const;

const WATCH_MS = 300;
const PAGE = 4096;

/** How a process ended. */
export interface Outcome {
  /** The exit code. */
  readonly code: number;
  /** Which limit it ran into, and was ended for. */
  readonly exceeded?: keyof typeof LIMITS;
  /** What it printed on both streams. */
  readonly text: string;
  /** How long it ran. */
  readonly milliseconds: number;
}

/**
 * Runs a program in a session of its own until it ends, or until it and its children take
 * too much. None of them is left.
 */
export async function runLimited(
  program: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Outcome> {
  const begin = performance.now();
  const elapsed = () => Math.round(performance.now() - begin);
  const child = new Deno.Command("setsid", {
    args: [program, ...args],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let exceeded: keyof typeof LIMITS | undefined;
  const exceed = (limit: keyof typeof LIMITS) => {
    exceeded ??= limit;
    endSession(child.pid);
  };
  const printed = Promise.all(
    [child.stdout, child.stderr].map((stream) =>
      read(stream, () => exceed("output"))
    ),
  );
  const watch = setInterval(() => {
    const members = membersOf(child.pid);
    const memory = members.reduce((sum, { resident }) => sum + resident, 0);
    if (elapsed() > LIMITS.time) exceed("time");
    else if (memory > LIMITS.memory) exceed("memory");
    else if (members.length > LIMITS.processes) exceed("processes");
  }, WATCH_MS);
  const { code } = await child.status;
  const milliseconds = elapsed();
  endSession(child.pid);
  const text = (await printed).join("");
  clearInterval(watch);
  return { code, text, milliseconds, ...(exceeded && { exceeded }) };
}

async function read(
  stream: ReadableStream<Uint8Array>,
  onTooMuch: () => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length < LIMITS.output) continue;
    onTooMuch();
    break;
  }
  return text;
}

/** Ends what is left of a session; a process that forks meanwhile leaves some for the next round. */
function endSession(session: number): void {
  for (let round = 0; round < 50; round++) {
    const members = membersOf(session);
    if (members.length === 0) return;
    for (const { pid } of members) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
  }
}

interface Member {
  readonly pid: number;
  /** In bytes. */
  readonly resident: number;
}

/** The processes of a session that still run, from /proc (proc_pid_stat(5)). */
function membersOf(session: number): Member[] {
  const members: Member[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    const [state] = fields;
    if (Number(fields[3]) !== session || state === "Z") continue;
    const resident = Number(fields[21]) * PAGE;
    members.push({ pid: Number(name), resident });
  }
  return members;
}

/** The fields behind the program's name, none if the process is gone. */
function statOf(pid: string): string[] {
  try {
    const stat = Deno.readTextFileSync(join("/proc", pid, "stat"));
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
