/**
 * The functions of `libssl` with the types of their parameters, read from its source: so a
 * function that is added is fuzzed with the others.
 *
 * @module
 */

const SOURCE = new URL("../../src/libssl/", import.meta.url);
const METHOD = /^ {2}([A-Za-z]\w*_\w+|HMAC)\(([^{}]*?)\): ([^{]+?) \{$/gms;
const BETWEEN_PARAMETERS = /,(?![^<(\[]*[>)\]])/;

/** One function. */
export interface Signature {
  /** Its name. */
  readonly name: string;
  /** Its parameters, in order. */
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
  }[];
}

/** All functions of `libssl`, by their order in the source. */
export function libsslSignatures(): Signature[] {
  return sourcesIn(SOURCE).flatMap((text) =>
    [...text.matchAll(METHOD)].map(([, name = "", list = ""]) => ({
      name,
      parameters: list.split(BETWEEN_PARAMETERS).map((text) => text.trim())
        .filter((text) => text !== "").map(parameter),
    }))
  );
}

/** The texts of a folder and those below it, by their names. */
function sourcesIn(folder: URL): string[] {
  const entries = [...Deno.readDirSync(folder)];
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) =>
    isDirectory
      ? sourcesIn(new URL(`${name}/`, folder))
      : Deno.readTextFileSync(new URL(name, folder))
  );
}

function parameter(text: string): { name: string; type: string } {
  const [name = "", ...type] = text.split(/:\s*|\s+=\s+/);
  return { name: name.trim().replace("?", ""), type: type.join(": ").trim() };
}
