import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { CheckResult } from "./checks.ts";
import { LONG_MS, type Report, run } from "./command.ts";
import type { Runtime } from "./runtimes.ts";

/** What a program may have besides the language: nothing, or what browsers have. */
const LIBRARIES = ["es2024", "es2024,dom", "es2024,webworker"];
const RESOLUTIONS = [["nodenext", "nodenext"], ["esnext", "bundler"]] as const;
const SUBPATHS = Object.keys(config.exports).filter((path) => path !== "./cli");
const isOfNode = (path: string) => /^\.\/node(\/|$)/.test(path);

/** A use of each export, and of what es2024 has no types for. */
const PROGRAM = `${usesOf(SUBPATHS.filter((path) => !isOfNode(path)))}

export async function firstByte(socket: m0.TlsSocket): Promise<number> {
  await using held = socket;
  const { value } = await held.readable.getReader().read();
  const writer = held.writable.getWriter();
  await writer.write(new Uint8Array(1));
  return value?.[0] ?? 0;
}
`;

/** A use of what has Node.js's modules in its types. */
const NODE_PROGRAM = `import type { Socket } from "node:net";
${usesOf(SUBPATHS.filter(isOfNode))}
export const socket = m0.connect({ port: 443, host: "localhost" });
socket.on("session", (session: Buffer) => socket.write(session));
export const server = m0.createServer({ maxVersion: "TLSv1.3" }, (socket) => {
  socket.end(String(socket.isSessionReused()));
});
server.listen(0);
export const { CN } = socket.getPeerCertificate().subject;
export const options: m0.TlsOptions = { maxVersion: "TLSv1.3" };
/** As undici has it, whose types aren't installed. */
type Callback = (...args: [null, Socket] | [Error, null]) => void;
export const connect: (
  target: { hostname: string; protocol: string; port: string },
  callback: Callback,
) => void = m1.undiciConnector({ ca: "" });
`;

function usesOf(subpaths: readonly string[]): string {
  const imports = subpaths.map((path, i) =>
    `import * as m${i} from "@sesame/tls${path.slice(1)}";`
  );
  const names = subpaths.map((_, i) => `m${i}`).join(", ");
  return [...imports, `export const modules = [${names}];`].join("\n");
}

/** Compiles a program against the package that is installed in `home`. */
export function compilersWith(
  home: string,
  builders: string | undefined,
): Runtime[] {
  return [6, 7].map((version) => ({
    name: `TypeScript ${version}`,
    program: builders && join(builders, `typescript${version}/bin/tsc`),
    check: (program) => compileIn(home, program, builders ?? ""),
  }));
}

async function compileIn(
  home: string,
  program: string,
  builders: string,
): Promise<Report> {
  const startedAt = Date.now();
  const results: CheckResult[] = [];
  const compile = async (
    name: string,
    options: Readonly<Record<string, string>>,
  ) => {
    const error = await errorsWith(home, program, options);
    const ok = error === undefined;
    const result = { name, ok, endedAt: Date.now() };
    results.push({ ...result, ...(error !== undefined && { error }) });
  };
  await Deno.writeTextFile(join(home, "program.ts"), PROGRAM);
  for (const lib of LIBRARIES) {
    for (const [module, moduleResolution] of RESOLUTIONS) {
      const options = { lib, module, moduleResolution, target: "es2024" };
      await compile(`--lib ${lib} --module ${module}`, options);
    }
  }
  await Deno.writeTextFile(join(home, "program.ts"), NODE_PROGRAM);
  await compile("--types node", {
    lib: "es2024",
    module: "nodenext",
    target: "es2024",
    typeRoots: join(builders, "@types"),
    types: "node",
  });
  return { startedAt, text: JSON.stringify(results) };
}

async function errorsWith(
  home: string,
  program: string,
  options: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const args = Object.entries(options).flatMap(([key, value]) => [
    `--${key}`,
    value,
  ]);
  try {
    await run(program, [
      ...["--strict", "--exactOptionalPropertyTypes", "--noEmit"],
      ...["--skipLibCheck", "false", ...args, "program.ts"],
    ], { cwd: home, timeout: LONG_MS });
    return undefined;
  } catch (error) {
    return String(error);
  }
}
