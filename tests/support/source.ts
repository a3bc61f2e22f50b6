/**
 * The text of this repository's sources, for tests of its rules.
 *
 * @module
 */

/** All TypeScript files of a folder and its subfolders. */
export async function filesUnder(folder: URL): Promise<URL[]> {
  const files: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      files.push(...await filesUnder(new URL(`${name}/`, folder)));
    } else if (name.endsWith(".ts")) {
      files.push(new URL(name, folder));
    }
  }
  return files;
}

/** The URLs of all files that a file imports, types and dynamic imports included. */
export function importsOf(file: URL, text: string): string[] {
  const specifiers = withoutComments(text)
    .matchAll(/\bfrom\s+"(\.[^"]+)"|\bimport\(?\s*"(\.[^"]+)"/g);
  return Array.from(
    specifiers,
    ([, from, dynamic]) => new URL(from ?? dynamic ?? "", file).href,
  );
}

/** A file's text without its comments, whose examples have imports too. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}
