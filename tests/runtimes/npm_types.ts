import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { CheckResult } from "./checks.ts";
import { LONG_MS, type Report, run } from "./command.ts";
import type { Runtime } from "./runtimes.ts";

/** What a program may have besides the language: nothing, or what browsers have. */
const LIBRARIES = ["es2024", "es2024,dom", "es2024,webworker"];
const RESOLUTIONS = [["nodenext", "nodenext"], ["esnext", "bundler"]] as const;
const SUBPATHS = Object.keys(config.exports).filter((path) => path !== "./cli");

/** A use of each export, and of what es2024 has no types for. */
const PROGRAM = `
${
  SUBPATHS.map((path, i) =>
    `import * as m${i} from "@sesame/tls${path.slice(1)}";`
  ).join("\n")
}
export const modules = [${SUBPATHS.map((_, i) => `m${i}`).join(", ")}];

export async function firstByte(socket: m0.TlsSocket): Promise<number> {
  await using held = socket;
  const { value } = await held.readable.getReader().read();
  const writer = held.writable.getWriter();
  await writer.write(new Uint8Array(1));
  return value?.[0] ?? 0;
}
`;

/** Compiles a program against the package that is installed in `home`. */
export function compilersWith(
  home: string,
  builders: string | undefined,
): Runtime[] {
  return [6, 7].map((version) => ({
    name: `TypeScript ${version}`,
    program: builders && join(builders, `typescript${version}/bin/tsc`),
    check: (program) => compileIn(home, program),
  }));
}

async function compileIn(home: string, program: string): Promise<Report> {
  const startedAt = Date.now();
  const results: CheckResult[] = [];
  await Deno.writeTextFile(join(home, "program.ts"), PROGRAM);
  for (const lib of LIBRARIES) {
    for (const [module, moduleResolution] of RESOLUTIONS) {
      const options = { lib, module, moduleResolution, target: "es2024" };
      const name = `--lib ${lib} --module ${module}`;
      const error = await errorsWith(home, program, options);
      const ok = error === undefined;
      const result = { name, ok, endedAt: Date.now() };
      results.push({ ...result, ...(error !== undefined && { error }) });
    }
  }
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
