import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The command that started this program, followed by a space. */
export function invocation(): string {
  if (Deno.build.standalone) return "sesame ";
  const { mainModule } = Deno;
  if (!mainModule.startsWith("file:")) {
    // Deno KV and shared ports need flags.
    return "deno run -A --unstable-kv --unstable-net jsr:@sesame/tls/cli ";
  }
  const path = fileURLToPath(mainModule);
  const fromHere = relative(Deno.cwd(), path);
  return `deno run -A ${fromHere.startsWith("..") ? path : fromHere} `;
}
