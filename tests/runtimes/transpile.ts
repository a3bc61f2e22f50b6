import { dirname, join } from "node:path";
import ts from "typescript";

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  // What Node.js 20 can parse: `using` is not in it.
  target: ts.ScriptTarget.ES2022,
  removeComments: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/**
 * The JavaScript of some sources and all that they import, by path.
 *
 * @param packageOf Which package has a source in place of it, if one has.
 */
export function transpile(
  root: string,
  entries: readonly string[],
  packageOf: (path: string) => string | undefined,
): Map<string, string> {
  const compiled = new Map<string, string>();
  const paths = entries.map((path) => join(path));
  for (const path of paths) {
    const out = path.replace(/\.ts$/, ".js");
    if (compiled.has(out)) continue;
    let source = Deno.readTextFileSync(join(root, path));
    const { importedFiles } = ts.preProcessFile(source);
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const imported = join(dirname(path), fileName);
      const from = packageOf(imported);
      if (from === undefined) paths.push(imported);
      else source = source.replaceAll(`"${fileName}"`, `"${from}"`);
    }
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: OPTIONS,
      fileName: path,
    });
    compiled.set(out, outputText);
  }
  return compiled;
}
