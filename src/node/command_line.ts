import process from "node:process";

/** What Node.js's command line says of TLS; other runtimes don't have these flags. */
export const commandLine: {
  /** `--trace-tls`: all connections are traced. */
  readonly traces: boolean;
  /** `--tls-keylog`: the file that all keys are appended to. */
  readonly keyLog: string | undefined;
} = read();

function read(): typeof commandLine {
  const args = [
    ...(process.env.NODE_OPTIONS ?? "").split(/\s+/),
    ...(process.execArgv ?? []),
  ];
  const at = args.lastIndexOf("--tls-keylog");
  const joined = args.findLast((arg) => arg.startsWith("--tls-keylog="));
  return {
    traces: args.includes("--trace-tls"),
    keyLog: at < 0 ? joined?.slice("--tls-keylog=".length) : args[at + 1],
  };
}
