/** The programs of a page of the guide, and what they need to run as they stand. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BEGINNING = "Every program";

/** The programs of a page. */
export interface Programs {
  /** What all of them begin with. */
  readonly beginning: string;
  /** The rest of each, by its name. */
  readonly programs: ReadonlyMap<string, string>;
}

/** Reads the programs of a page: blocks whose first line is a comment with a name. */
export async function programsOf(page: string): Promise<Programs> {
  const text = await Deno.readTextFile(join(ROOT, page));
  const programs = new Map(
    [...text.matchAll(/^```ts ignore\n\/\/ ([^\n]+)\n(.*?)^```$/gms)]
      .map(([, name = "", text = ""]) => [name, text]),
  );
  const beginning = programs.get(BEGINNING) ?? "";
  programs.delete(BEGINNING);
  return { beginning, programs };
}

/** Has `@sesame/tls` be this repository. */
export async function linkPackage(folder: string): Promise<void> {
  const home = join(folder, "node_modules/@sesame/tls");
  await Deno.mkdir(home, { recursive: true });
  await Deno.symlink(ROOT, join(home, "repository"));
  const { exports } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const targets = Object.entries<string>(exports).map(([name, file]) => [
    name,
    file.replace(".", "./repository"),
  ]);
  await Deno.writeTextFile(
    join(home, "package.json"),
    JSON.stringify({
      name: "@sesame/tls",
      type: "module",
      exports: Object.fromEntries(targets),
    }),
  );
}
