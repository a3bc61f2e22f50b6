/**
 * `deno task site`: makes a site of the guide in `docs/`, with the API's documentation beside it.
 *
 * @module
 */
import { build, stop } from "esbuild";
import { basename, dirname, join, posix } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { render } from "./eleventy.ts";
import { placeOfFile, readPages, ROOT, sectionsOf } from "./guide.ts";
import { drawLadder } from "./ladder.ts";
import { probesPage } from "./probes.ts";
import { indexOf } from "./search.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OUT = join(ROOT, "site");
const LADDER = join(ROOT, "docs/ladder.svg");
const PROBES = join(ROOT, "docs/probes.md");

const HELP = `
Makes a site of the guide in docs/, in the folder site/: any host can serve it, and a
browser opens its index.html as a file, too. The search needs no server.

  deno task site              the guide, its search, and the API's documentation
  deno task site --out DIR    into another folder
  deno task site --no-api     without the API's documentation, which is 60 MB
  deno task site --ladder     draw docs/ladder.svg again, the picture of the README
  deno task site --probes     write docs/probes.md again, of the probes of src/audit`
  .trim();

/** Makes the site in a folder, which need not exist. */
export async function buildSite(
  folder: string,
  { api = true }: { api?: boolean } = {},
): Promise<void> {
  const pages = await readPages();
  await Deno.mkdir(folder, { recursive: true });
  const files = await render(pages, folder);
  for (const path of files) await copy(path, folder);
  await Deno.copyFile(join(HERE, "style.css"), join(folder, "style.css"));
  await Deno.writeTextFile(join(folder, "search.js"), await bundle());
  const index = JSON.stringify(indexOf(sectionsOf(pages)));
  await Deno.writeTextFile(
    join(folder, "search-index.js"),
    `globalThis.sesameIndex = ${JSON.stringify(index)};\n`,
  );
  if (api) await documentApi(join(folder, "api"));
}

/** Copies a file as text; of a folder its files, with a list of them. */
async function copy(path: string, folder: string): Promise<void> {
  const place = join(folder, placeOfFile(path));
  await Deno.mkdir(dirname(place), { recursive: true });
  const { isDirectory } = await Deno.stat(join(ROOT, path));
  if (!isDirectory) {
    return await Deno.copyFile(join(ROOT, path), place);
  }
  const links: string[] = [];
  for await (const { name, isFile } of Deno.readDir(join(ROOT, path))) {
    if (!isFile) continue;
    const file = posix.join(path, name);
    await copy(file, folder);
    links.push(
      `<li><a href="${basename(path)}/${
        basename(placeOfFile(file))
      }">${name}</a>`,
    );
  }
  await Deno.writeTextFile(
    place,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${path}</title>` +
      `<h1>${path}</h1><ul>${links.sort().join("")}</ul></html>\n`,
  );
}

/** The script of the pages. */
async function bundle(): Promise<string> {
  const { outputFiles: [script] } = await build({
    absWorkingDir: ROOT,
    bundle: true,
    charset: "utf8",
    entryPoints: [join(HERE, "browser/search_box.ts")],
    // No module: a page that is a file can't load one.
    format: "iife",
    minify: true,
    plugins: [{
      name: "minisearch",
      setup: ({ onResolve }) =>
        onResolve({ filter: /^minisearch$/ }, () => ({
          path: fileURLToPath(import.meta.resolve("minisearch")),
        })),
    }],
    target: "es2022",
    write: false,
  });
  await stop();
  return script?.text ?? "";
}

/** The pages of `deno doc` for all exports. */
async function documentApi(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "doc",
      "--html",
      `--name=${config.name}`,
      `--output=${folder}`,
      ...Object.values(config.exports),
    ],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** The options of the command line; ends the process if they are wrong. */
function optionsOf(
  args: string[],
): {
  api: boolean;
  help: boolean;
  ladder: boolean;
  out: string;
  probes: boolean;
} {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      options: {
        api: { type: "boolean", default: true },
        help: { type: "boolean", short: "h", default: false },
        ladder: { type: "boolean", default: false },
        out: { type: "string", default: OUT },
        probes: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    Deno.exit(2);
  }
}

async function main(): Promise<void> {
  const { api, help, ladder, out, probes } = optionsOf(Deno.args);
  if (help) return console.log(HELP);
  if (ladder) return await Deno.writeTextFile(LADDER, await drawLadder());
  if (probes) return await Deno.writeTextFile(PROBES, await probesPage());
  await buildSite(out, { api });
  console.log(`The site is in ${out}: open ${join(out, "index.html")}`);
}

if (import.meta.main) await main();
