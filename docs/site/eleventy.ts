/** Eleventy, as the site needs it: Markdown in a layout, with the links of the site. */
import Eleventy from "@11ty/eleventy";
import { anchors, inOrder, type Page, placeOf } from "./guide.ts";

/** What is needed of a token of markdown-it's. */
interface Token {
  readonly type: string;
  readonly tag: string;
  readonly content: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

/** What is needed of markdown-it. */
interface Markdown {
  readonly core: {
    readonly ruler: {
      push(
        name: string,
        rule: (
          state: { tokens: Token[]; env: { page: { url: string } } },
        ) => void,
      ): void;
    };
  };
}

/** What is needed of Eleventy's configuration. */
interface Config {
  addGlobalData(name: string, data: unknown): void;
  addTemplate(name: string, text: string, data?: unknown): void;
  amendLibrary(name: "md", amend: (markdown: Markdown) => void): void;
}

const HERE = new URL(".", import.meta.url);

/** Renders pages into a folder. Returns the files that they link to. */
export async function render(
  pages: readonly Page[],
  folder: string,
): Promise<Set<string>> {
  const files = new Set<string>();
  const layout = await Deno.readTextFile(new URL("layout.njk", HERE));
  const input = await Deno.makeTempDir({ prefix: "sesame-site-" });
  try {
    const eleventy = new Eleventy(input, folder, {
      quietMode: true,
      config: (config: Config) => {
        config.addTemplate("_includes/layout.njk", layout);
        config.addGlobalData(
          "guide",
          inOrder(pages).map(({ name, title }) => ({ name, title })),
        );
        for (const { name, title, text } of pages) {
          config.addTemplate(name.replace(/\.html$/, ".md"), text, {
            layout: "layout.njk",
            permalink: name,
            // Markdown alone: braces are no template's.
            templateEngineOverride: "md",
            name,
            title,
          });
        }
        config.amendLibrary(
          "md",
          (markdown) =>
            markdown.core.ruler.push("site", ({ tokens, env }) => {
              const page = pages.find(({ name }) =>
                env.page.url === `/${name}`
              ) ??
                pages.find(({ name }) => name === "index.html");
              if (page) amend(tokens, page, files);
            }),
        );
      },
    });
    await eleventy.write();
  } finally {
    await Deno.remove(input, { recursive: true });
  }
  return files;
}

/** Gives headings their anchors, links their places, and wide blocks the focus of the keyboard. */
function amend(tokens: readonly Token[], page: Page, files: Set<string>): void {
  const anchor = anchors();
  for (const [i, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      token.attrSet("id", anchor(tokens[i + 1]?.content ?? ""));
    }
    if (token.type === "table_open") token.attrSet("tabindex", "0");
    for (const child of token.children ?? []) {
      for (const name of ["href", "src"]) {
        const link = child.attrGet(name);
        if (link !== null) child.attrSet(name, placeOf(link, page, files));
      }
    }
  }
}
