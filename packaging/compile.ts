import { join } from "node:path";
import ts from "typescript";

/** What the package brings of its own in place of wasm/module.ts. */
const REPLACED = "wasm/module.ts";

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  // What Node.js 20 can parse: `using` is not in it.
  target: ts.ScriptTarget.ES2022,
  removeComments: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/** The JavaScript of some sources and all that they import, by path. */
export function compile(
  root: string,
  entries: readonly string[],
): Map<string, string> {
  const compiled = new Map<string, string>();
  const paths = entries.map((path) => join(path));
  for (const path of paths) {
    const out = path.replace(/\.ts$/, ".js");
    if (compiled.has(out) || path === REPLACED) continue;
    const source = Deno.readTextFileSync(join(root, path));
    const { importedFiles } = ts.preProcessFile(source);
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith(".")) paths.push(join(path, "..", fileName));
    }
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: OPTIONS,
      fileName: path,
    });
    compiled.set(out, outputText);
  }
  return compiled;
}
