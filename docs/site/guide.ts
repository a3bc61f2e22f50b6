/** The pages of the site: those of `docs/`, and what they link to. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { Section } from "./search.ts";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Pages that aren't the guide's text, by their paths. */
const OTHERS: Readonly<Record<string, string>> = {
  "README.md": "index.html",
  "docs/README.md": "guide.html",
  "docs/playground/README.md": "playground.html",
  // Its words are those of every other page.
  "docs/probes.md": "probes.html",
  "bench/README.md": "figures.html",
  "CHANGELOG.md": "changelog.html",
  "CONTRIBUTING.md": "contributing.html",
  "SECURITY.md": "security.html",
};
/** Which of them the search finds. */
const SEARCHED = new Set(["SECURITY.md"]);

/** A page. */
export interface Page {
  /** Its path in the repository. */
  readonly path: string;
  /** Its name in the site. */
  readonly name: string;
  /** Its first heading. */
  readonly title: string;
  /** In Markdown. */
  readonly text: string;
}

/** Reads all pages. */
export async function readPages(): Promise<Page[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(ROOT, "docs")));
  const guide = entries.map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md") && !(path in OTHERS)).sort();
  const paths = [...Object.keys(OTHERS), ...guide];
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(join(ROOT, path));
    const [, title = path] = /^# (.+)$/m.exec(text) ?? [];
    return { path, name: nameOf(path), title: plain(title), text };
  }));
}

/** The pages of the guide in the order of its index. */
export function inOrder(pages: readonly Page[]): Page[] {
  const index = pages.find(({ path }) => path === "docs/README.md")?.text ?? "";
  const order = [...index.matchAll(/\]\((\w[\w-]*\.md)\)/g)]
    .map(([, name]) => `docs/${name}`);
  return order.flatMap((path) => pages.filter((page) => page.path === path));
}

/** Lists with something of every matter: where they are found, the page that answers isn't. */
const LISTS = new Set(["docs/audited-servers.md", "docs/probes.md"]);

/** The sections that the search finds. */
export function sectionsOf(pages: readonly Page[]): Section[] {
  return pages
    .filter(({ path }) =>
      SEARCHED.has(path) || !(path in OTHERS || LISTS.has(path))
    )
    .flatMap(({ name, title, text }) => {
      const anchor = anchors();
      return partsOf(text).map(({ heading, text }, i) => {
        const id = anchor(heading);
        return {
          url: i === 0 ? name : `${name}#${id}`,
          page: title,
          heading: plain(heading),
          text,
        };
      });
    });
}

/** The parts of a page, each with the heading above it. */
function partsOf(text: string): { heading: string; text: string }[] {
  const parts: { heading: string; text: string }[] = [];
  let inCode = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) inCode = !inCode;
    const [, heading] = inCode ? [] : /^#+ (.+)$/.exec(line) ?? [];
    if (heading !== undefined) parts.push({ heading, text: "" });
    else if (parts.length > 0 && !line.startsWith("```")) {
      const part = parts.at(-1);
      if (part) part.text += `${inCode ? line : plain(line)}\n`;
    }
  }
  return parts;
}

/** A line without the marks of Markdown. */
function plain(line: string): string {
  return line.replace(/\]\([^)]*\)/g, "").replace(
    /[`*|[\]]|\B_|_\B|<!--.*?-->/g,
    " ",
  )
    .replace(/\s+/g, " ").trim();
}

/** Makes the anchors of a page, as GitHub makes them. */
export function anchors(): (heading: string) => string {
  const seen = new Map<string, number>();
  return (heading) => {
    const slug = heading.replace(/\]\([^)]*\)/g, "").toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };
}

/** Where a link of a page leads in the site; a file that isn't a page is added to `files`. */
export function placeOf(
  link: string,
  { path }: Page,
  files: Set<string>,
): string {
  if (/^(?:[a-z]+:|#)/.test(link)) return link;
  const [file = "", anchor] = link.split("#");
  const target = posix.join(posix.dirname(path), file).replace(/\/$/, "");
  const suffix = anchor === undefined ? "" : `#${anchor}`;
  if (target.endsWith(".md")) return nameOf(target) + suffix;
  if (!existsSync(join(ROOT, target))) return link;
  files.add(target);
  return placeOfFile(target);
}

/** Where a file or folder of the repository is in the site: text, so that browsers show it. */
export function placeOfFile(path: string): string {
  const isImage = path.endsWith(".svg");
  if (Deno.statSync(join(ROOT, path)).isDirectory) return `files/${path}.html`;
  return `files/${path}${isImage ? "" : ".txt"}`;
}

function nameOf(path: string): string {
  return OTHERS[path] ?? posix.basename(path).replace(/\.md$/, ".html");
}
