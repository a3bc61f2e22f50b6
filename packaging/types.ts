import { dirname, join, relative } from "node:path";
import ts from "typescript";

const GLOBALS = "globals.d.ts";
/** Where the files seem to be: no other is beside or above them. */
const FOLDER = "/package/";
/** What TypeScript says of a name or namespace that it doesn't know, or with advice. */
const CANNOT_FIND_NAME = [2304, 2503, 2550, 2552, 2580, 2591];
/** Whose types name modules of Node.js, and can't be checked without its types. */
const OF_NODE = "src/node/";
/** What is in a library of TypeScript's own that is no runtime's. */
const DISPOSABLE = ["AsyncDisposable", "Disposable", "asyncDispose", "dispose"];

const OPTIONS: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  declaration: true,
  emitDeclarationOnly: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  target: ts.ScriptTarget.ESNext,
  types: [],
};

/**
 * The types of some sources and all that these name, by path.
 *
 * They need nothing but `lib: ["es2024"]`: other globals are imported from globals.d.ts. Those
 * of `src/node` need Node.js's types, too.
 *
 * @throws {Error} If one of those isn't there, or anything else is wrong.
 */
export async function compileTypes(
  root: string,
  entries: readonly string[],
): Promise<Map<string, string>> {
  const declared = declarationsOf(root, entries);
  const globals = join(root, "packaging", GLOBALS);
  declared.set("package.json", '{ "type": "module" }');
  declared.set(GLOBALS, await Deno.readTextFile(globals));
  const outs = entries.map((path) => join(path).replace(/\.ts$/, ".d.ts"));

  const isMissing = ({ code }: ts.Diagnostic) =>
    CANNOT_FIND_NAME.includes(code);
  const found = problemsOf(declared, outs);
  const missing = found.filter((problem) =>
    isMissing(problem) && !isOfNode(problem)
  );
  for (const [path, names] of namesByFile(missing)) {
    declared.set(path, headerOf(path, names) + declared.get(path));
  }
  const problems = problemsOf(declared, outs).filter((problem) =>
    !isOfNode(problem)
  );
  if (problems.length > 0) {
    throw new Error(ts.formatDiagnostics(problems, FORMAT));
  }
  return reachable(declared, outs);
}

function isOfNode({ file }: ts.Diagnostic): boolean {
  return file?.fileName.startsWith(FOLDER + OF_NODE) ?? false;
}

/** What a file begins with that lacks some names. */
function headerOf(path: string, names: ReadonlySet<string>): string {
  const from = relative(dirname(path), GLOBALS);
  const globals = from.startsWith("..") ? from : `./${from}`;
  const lines = new Set<string>();
  const imported: string[] = [];
  for (const name of names) {
    if (DISPOSABLE.includes(name)) {
      lines.add('/// <reference lib="esnext.disposable" />');
    } else if (name === "WebAssembly") {
      lines.add(`/// <reference path="${globals}" />`);
    } else imported.push(name);
  }
  if (imported.length > 0) {
    const list = imported.sort().join(", ");
    const module = globals.replace(/\.d\.ts$/, ".js");
    lines.add(`import type { ${list} } from "${module}";`);
  }
  return [...lines, ""].join("\n");
}

function namesByFile(
  problems: readonly ts.Diagnostic[],
): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { file, start = 0, length = 0 } of problems) {
    if (file === undefined) continue;
    const path = relative(FOLDER, file.fileName);
    const known = names.get(path) ?? new Set();
    names.set(path, known.add(file.text.slice(start, start + length)));
  }
  return names;
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => "/",
  getNewLine: () => "\n",
};

/** As TypeScript makes them of the sources. `deno check` has found these right. */
function declarationsOf(
  root: string,
  entries: readonly string[],
): Map<string, string> {
  const declared = new Map<string, string>();
  const program = ts.createProgram(
    entries.map((path) => join(root, path)),
    OPTIONS,
  );
  program.emit(undefined, (path, text) => {
    const withExtensions = text.replaceAll(
      /((?:from|import) ?\(?)"(\.[^"]*)\.ts"/g,
      '$1"$2.js"',
    );
    // Without its types, Node.js's Buffer is a global as others are.
    const name = relative(root, path);
    const withoutNode = name.startsWith(OF_NODE)
      ? withExtensions
      : withExtensions
        .replace('import { Buffer } from "node:buffer";\n', "");
    declared.set(name, withoutNode);
  });
  return declared;
}

function problemsOf(
  files: ReadonlyMap<string, string>,
  entries: readonly string[],
): readonly ts.Diagnostic[] {
  return ts.getPreEmitDiagnostics(programOf(files, entries));
}

/** Only the files that others see through the entries. */
function reachable(
  files: ReadonlyMap<string, string>,
  entries: readonly string[],
): Map<string, string> {
  const sources = programOf(files, entries).getSourceFiles();
  return new Map(
    sources.map(({ fileName }) => relative(FOLDER, fileName))
      .map((path) => [path, files.get(path)])
      .filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** A program of these files as someone has it who has nothing else. */
function programOf(
  files: ReadonlyMap<string, string>,
  entries: readonly string[],
): ts.Program {
  const options: ts.CompilerOptions = {
    ...OPTIONS,
    declaration: false,
    emitDeclarationOnly: false,
    lib: ["lib.es2024.d.ts"],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const textOf = (path: string): string | undefined =>
    path.startsWith(FOLDER)
      ? files.get(path.slice(FOLDER.length))
      : host.readFile(path);
  const roots = entries.map((path) => FOLDER + path);
  return ts.createProgram(roots, options, {
    ...host,
    directoryExists: () => true,
    getCurrentDirectory: () => FOLDER,
    realpath: (path) => path,
    fileExists: (path) => textOf(path) !== undefined,
    readFile: textOf,
    getSourceFile: (path, languageVersion) => {
      const text = textOf(path);
      return text === undefined
        ? undefined
        : ts.createSourceFile(path, text, languageVersion);
    },
  });
}
