/**
 * The recipe of docs/workers.md runs: its workers share their sessions, are replaced when they die,
 * get a new certificate and end.
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  connectTls,
  type ConnectTlsOptions,
  TlsError,
  type TlsSession,
  type TlsSocket,
} from "@sesame/tls";
import { failureOf } from "../support/sockets.ts";
import { Folder } from "../support/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = join(ROOT, "docs", "workers.md");
const WORKERS = 2;
const CONNECTIONS = 8;
/** The first byte of a connection that its worker dies of. */
const DEADLY = "!".charCodeAt(0);

describe("docs/workers.md", () => {
  it("has workers on one port, which are replaced, updated and ended", async () => {
    await using folder = await Folder.make();
    await using main = await startMain(folder);
    const output = await main.output();
    const [, port] = /^2 workers listen on port (\d+)$/m.exec(output) ?? [];
    const options = {
      hostname: "127.0.0.1",
      servername: "localhost",
      port: Number(port),
      caCerts: [output.slice(0, output.indexOf("2 workers"))],
    };
    for (let i = 0; i < WORKERS; i++) await killWorker(options);
    await eventually(() => visit(options));
    assertEquals(
      await resumptions(options),
      [false, ...Array(CONNECTIONS - 1).fill(true)],
    );

    await using open = await connectTls(options);
    main.child.kill("SIGHUP");
    await eventually(async () => {
      const error = await failureOf(visit(options));
      assert(error instanceof TlsError && error.code === "certificate");
    });
    main.child.kill("SIGTERM");
    assertEquals(await echoOf(open, 7), 7);
    await open.closeWrite();
    assertEquals(await codeOf(main.child), 0);
  });
});

/** With which code a program ends by itself. */
async function codeOf(child: Deno.ChildProcess): Promise<number> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const { code } = await child.status;
  clearTimeout(timer);
  return code;
}

/** Connects to whichever worker accepts, and has it die. */
async function killWorker(options: ConnectTlsOptions): Promise<void> {
  await eventually(async () => {
    await using socket = await connectTls(options);
    await socket.write(Uint8Array.of(DEADLY));
    // Its end is that of its worker.
    await failureOf(socket.closed);
  });
}

/** Whether connections resume the session of the one before, whoever accepted that. */
async function resumptions(
  options: ConnectTlsOptions,
): Promise<(boolean | undefined)[]> {
  let session: TlsSession | undefined;
  const resumed: (boolean | undefined)[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    await using socket = await connectTls({
      ...options,
      ...(session && { session }),
    });
    await echoOf(socket, 0);
    resumed.push(socket.info?.resumed);
    session = (await socket.sessions.getReader().read()).value;
  }
  return resumed;
}

/** What a worker answers to a byte. */
async function echoOf(
  socket: TlsSocket,
  byte: number,
): Promise<number | undefined> {
  const answer = new Uint8Array(1);
  await socket.write(Uint8Array.of(byte));
  await socket.read(answer);
  return answer[0];
}

/** Tries again as long as `attempt` fails, for a while. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (let left = 100; left > 0; left--) {
    try {
      return await attempt();
    } catch { /* the workers are not as far yet */ }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await attempt();
}

/** Connects, and ends the connection. */
async function visit(options: ConnectTlsOptions): Promise<void> {
  await using socket = await connectTls(options);
  await socket.opened;
}

/** The recipe's program: the test is told its certificate, and can have a worker die. */
function watched(text: string): string {
  return text
    .replace("console.log(", "console.log(cert);\n$&")
    .replace(
      "await socket.readable",
      `const first = new Uint8Array(1);
      await socket.read(first);
      if (first[0] === ${DEADLY}) reportError("a deadly byte");
      await socket.write(first);
      $&`,
    );
}

/** The package's modules by their names, for programs outside of the repository. */
function packageOf(): Record<string, string> {
  const { name, exports } = JSON.parse(
    Deno.readTextFileSync(join(ROOT, "deno.json")),
  );
  return Object.fromEntries(
    Object.entries<string>(exports).map(([path, file]) => [
      name + path.slice(1),
      pathToFileURL(join(ROOT, file)).href,
    ]),
  );
}

/** The main thread of the recipe. */
interface Main extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** What it prints up to the line of its port. */
  output(): Promise<string>;
}

/** Runs the recipe out of a folder. */
async function startMain(folder: Folder): Promise<Main> {
  const page = await Deno.readTextFile(PAGE);
  const recipe = /^```ts ignore\n(\/\/ (\w+\.ts).*?)^```$/gms;
  for (const [, text = "", name = ""] of page.matchAll(recipe)) {
    await Deno.writeTextFile(folder.path(name), watched(text));
  }
  const importMap = folder.path("import_map.json");
  await Deno.writeTextFile(importMap, JSON.stringify({ imports: packageOf() }));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--unstable-net",
      "--allow-net",
      "--allow-read",
      `--import-map=${importMap}`,
      folder.path("main.ts"),
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  return {
    child,
    output: async () => {
      let text = "";
      for await (
        const chunk of child.stdout.pipeThrough(new TextDecoderStream())
      ) {
        text += chunk;
        if (/listen on port \d+\n/.test(text)) break;
      }
      return text;
    },
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended */ }
      await child.status;
    },
  };
}
