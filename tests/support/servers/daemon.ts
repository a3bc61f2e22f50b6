import { join } from "node:path";
import { until } from "../redis.ts";

/** Who runs servers where the tests run as root, which some refuse. */
const NOBODY = "nobody";

/** A server's folder and account. */
export interface Place {
  /** A folder of its own, with the files of {@linkcode FILES}. */
  readonly folder: string;
  /** The account that owns the folder, and runs the server; none if the tests don't run as root. */
  readonly account: Account | Record<never, never>;
}

/** A user and a group of the system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A server of Debian's, and how it is started. */
export interface ServerKind {
  /** The program, by its name or where Debian has it. */
  readonly programs: readonly string[];
  /** The package that has it. */
  readonly packages: readonly string[];
  /** The user who runs it where the tests run as root. By default `nobody`. */
  readonly user?: string;
  /** The name of its log file. By default `log`. */
  readonly log?: string;
  /** Starts it; it is `ready` when its port accepts connections. */
  start(place: Place, port: number): Promise<Daemon>;
}

/** The names of the files in a server's folder. */
export const FILES = {
  ca: "ca.pem",
  cert: "cert.pem",
  key: "key.pem",
  log: "log",
} as const;

/** Options of {@linkcode Daemon}. */
export interface DaemonOptions {
  /** Variables of its environment besides. */
  readonly env?: Record<string, string>;
  /** `"piped"`: without an end, for those that end with it. */
  readonly stdin?: "null" | "piped";
}

/** A server that runs, until it is disposed of. */
export class Daemon implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<string>;
  readonly #hasStdin: boolean;

  constructor(
    program: string,
    args: readonly string[],
    { folder, account }: Place,
    { env = {}, stdin = "null" }: DaemonOptions = {},
  ) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      cwd: folder,
      env: { HOME: folder, LC_ALL: "C", ...env },
      ...account,
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#hasStdin = stdin === "piped";
    this.#output = Promise.all([
      new Response(this.#child.stdout).text(),
      new Response(this.#child.stderr).text(),
    ]).then((texts) => texts.join(""));
  }

  /** Waits until it accepts connections. */
  async ready(port: number): Promise<this> {
    let ended = false;
    this.#child.status.then(() => ended = true);
    await until(`port ${port} is open`, async () => {
      if (ended) throw new Error(`It ended: ${await this.#output}`);
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return true;
      } catch {
        return false;
      }
    });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#output;
    if (this.#hasStdin) await this.#child.stdin.close().catch(() => {});
  }
}

/** Makes a server's folder, with its certificate, the client's authority, and other files. */
export async function makePlace(
  parent: string,
  name: string,
  files: Readonly<Record<string, string>>,
  user = NOBODY,
): Promise<Place> {
  const folder = join(parent, name);
  await Deno.mkdir(folder, { mode: 0o700 });
  const account = Deno.uid() === 0 ? await accountOf(user) : {};
  const place = { folder, account };
  for (const [file, text] of Object.entries(files)) {
    await writeFile(place, file, text);
  }
  await give(place, folder);
  return place;
}

/** Writes a file that the server's account can read and no one else. */
export async function writeFile(
  place: Place,
  name: string,
  contents: string | Uint8Array,
): Promise<string> {
  const path = join(place.folder, name);
  const bytes = typeof contents === "string"
    ? new TextEncoder().encode(contents)
    : contents;
  await Deno.writeFile(path, bytes, { mode: 0o600 });
  await give(place, path);
  return path;
}

/** Makes a folder that belongs to the server's account, unless it is there. */
export async function makeFolder(place: Place, name: string): Promise<string> {
  const path = join(place.folder, name);
  await Deno.mkdir(path, { mode: 0o700, recursive: true });
  await give(place, path);
  return path;
}

/** Runs a program of a server's to its end, as its account. */
export async function prepare(
  program: string,
  args: readonly string[],
  { folder, account }: Place,
  env: Record<string, string> = {},
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: folder,
    env: { HOME: folder, LC_ALL: "C", ...env },
    ...account,
  }).output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  throw new Error(`${program} failed: ${said.join("")}`);
}

/** What to install for a kind of server, unless it is there. */
export function whyMissing(
  { programs, packages }: Pick<ServerKind, "programs" | "packages">,
): string | undefined {
  const folders = ["/usr/sbin", ...(Deno.env.get("PATH") ?? "").split(":")];
  const isThere = programs.some((program) =>
    exists(program) ||
    folders.some((folder) => exists(join(folder, program)))
  );
  return isThere ? undefined : `Debian: apt-get install ${packages.join(" ")}`;
}

/** The name of who runs a server. */
export async function userOf({ account }: Place): Promise<string> {
  const uid = "uid" in account ? account.uid : Deno.uid();
  const passwd = await Deno.readTextFile("/etc/passwd");
  const [, name] = new RegExp(`^([^:]*):[^:]*:${uid}:`, "m").exec(passwd) ?? [];
  if (name === undefined) throw new Error(`There is no user ${uid}`);
  return name;
}

async function accountOf(user: string): Promise<Account> {
  const passwd = await Deno.readTextFile("/etc/passwd");
  const [, uid, gid] = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, "m")
    .exec(passwd) ?? [];
  if (uid === undefined) throw new Error(`There is no user ${user}`);
  return { uid: Number(uid), gid: Number(gid) };
}

async function give({ account }: Place, path: string): Promise<void> {
  if ("uid" in account) await Deno.chown(path, account.uid, account.gid);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
