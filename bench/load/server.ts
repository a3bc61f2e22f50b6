/**
 * The servers under load: those of the command line, or one of our own.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestCertificate } from "../../src/testing/certificate.ts";
import { linesOf } from "./lines.ts";
import type { LoadOptions, Target } from "./options.ts";

/** What is under load. */
export interface Server extends AsyncDisposable {
  readonly targets: Target[];
  /** Whether it echoes; it is taken to speak HTTP if not. */
  readonly isEcho: boolean;
  /** The certificates to trust, if not Node's. */
  readonly ca: string | undefined;
  /** Its process, if that is known. */
  readonly pid: number | undefined;
  /** Where its figures for Prometheus are, if it has any. */
  readonly metrics: string | undefined;
}

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const HOST = "127.0.0.1";
const INTERRUPTED = 130;

/** The servers of the command line, or a new one. */
export async function serverFor(options: LoadOptions): Promise<Server> {
  const { targets, ca, pid } = options;
  if (targets.length === 0) return await startServer(options);
  return {
    targets,
    isEcho: false,
    ca,
    pid,
    metrics: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Starts `sesame serve` in a process of its own, whose end is that of the result. */
async function startServer(options: LoadOptions): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "sesame-load-"));
  const files = {
    cert: join(folder, "cert.pem"),
    key: join(folder, "key.pem"),
  };
  const { cert, key } = createTestCertificate();
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  // Idle connections are none of the HTTP server's: it ends them.
  const isEcho = options.hold !== undefined;
  const metricsPort = isEcho ? freePort() : undefined;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-all", "--config", CONFIG, CLI, "serve"],
      ...["--quiet", "--host", HOST, "--port", "0"],
      ...["--cert", files.cert, "--key", files.key],
      ...(isEcho ? ["--echo", "--idle-timeout", "0"] : ["--http"]),
      ...given("--metrics", metricsPort),
      ...given("--workers", options.workers),
    ],
    // Never that of whoever runs this; and an argument may be seen, with its password.
    env: { SESAME_STORE: options.store ?? "memory" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const end = (): void => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    rmSync(folder, { recursive: true });
  };
  const interrupt = (): void => {
    end();
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  const dispose = async (): Promise<void> => {
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener("SIGTERM", interrupt);
    end();
    await child.status;
  };
  const port = await portOf(child);
  if (port === undefined) {
    await dispose();
    throw new Error("The server didn't start");
  }
  return {
    targets: [{ hostname: HOST, port, servername: "localhost" }],
    isEcho,
    ca: files.cert,
    pid: child.pid,
    metrics: isEcho ? `http://${HOST}:${metricsPort}/metrics` : undefined,
    [Symbol.asyncDispose]: dispose,
  };
}

function given(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}

/** Waits for the line that says where it listens; what it prints later is dropped. */
async function portOf(child: Deno.ChildProcess): Promise<number | undefined> {
  const port = Promise.withResolvers<number | undefined>();
  (async () => {
    for await (const line of linesOf(child.stdout)) {
      const [, digits] = /^Listening on .*:(\d+)$/.exec(line) ?? [];
      if (digits !== undefined) port.resolve(Number(digits));
    }
    port.resolve(undefined);
  })();
  return await port.promise;
}
