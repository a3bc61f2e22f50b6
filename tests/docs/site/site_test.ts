/** The site of the guide: its links, what its search finds, and its pages in a browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { buildSite } from "../../../docs/site/build.ts";
import {
  readIndex,
  search,
  type SearchIndex,
} from "../../../docs/site/search.ts";
import { describeWith, run } from "../../support/programs.ts";
import { BROWSERS, pathOf } from "../playground/browsers.ts";
import { QUESTIONS } from "./questions.ts";

const BUILD = fileURLToPath(
  new URL("../../../docs/site/build.ts", import.meta.url),
);
const PHONE = { width: 360, height: 740 };
/** A page that is wider than its window. */
const IS_TOO_WIDE =
  "document.documentElement.scrollWidth > document.documentElement.clientWidth";

describe("The site", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "sesame-" });
    await buildSite(folder);
  });
  afterAll(() => Deno.remove(folder, { recursive: true }));

  it("has links that lead somewhere", () => {
    const broken = pagesIn(folder).flatMap((page) =>
      linksOf(join(folder, page))
        .filter((link) => !leadsSomewhere(join(folder, page), link))
        .map((link) => `${page}: ${link}`)
    );
    assertEquals(broken, []);
  });

  it("is made by a command that explains itself", async () => {
    const command = (...args: string[]): ReturnType<typeof run> =>
      run(Deno.execPath(), ["run", "-A", BUILD, ...args]);
    const { stdout } = await command("--help");
    assertStringIncludes(stdout, "deno task site --out DIR");
    const { code, stderr } = await command("--nope");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "deno task site --out DIR");
  });

  it("answers at least twenty questions", () => {
    const trackers = new Set(QUESTIONS.map(({ tracker }) => tracker));
    assert(trackers.size >= 20 && trackers.size === QUESTIONS.length);
  });

  for (const { tracker, question, page } of QUESTIONS) {
    it(`finds first or second what ${tracker} asks`, () => {
      const found = search(indexIn(folder), question)
        .map(({ url }) => url.split("#")[0] ?? "");
      const at = found.indexOf(page);
      assert(at === 0 || at === 1, `${question}: ${found.slice(0, 5)}`);
    });
  }

  describeWith("chromium", "in a browser, from files", () => {
    let browser: Browser;
    const complaints: string[] = [];
    beforeAll(async () => {
      browser = await puppeteer.launch({
        ...BROWSERS.chromium,
        args: [...BROWSERS.chromium.args],
        executablePath: pathOf("chromium"),
      });
    });
    afterAll(() => browser.close());

    const open = async (name: string): Promise<Page> => {
      const page = await browser.newPage();
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(join(folder, name)).href);
      return page;
    };

    it("finds a page by the keyboard alone", async () => {
      const page = await open("index.html");
      await page.keyboard.press("/");
      await page.keyboard.type("rotate ticket keys");
      await page.waitForSelector("#found a");
      await page.keyboard.press("ArrowDown");
      const gone = page.waitForNavigation();
      await page.keyboard.press("Enter");
      await gone;
      assertStringIncludes(page.url(), "/tickets.html");
      assertEquals(complaints, []);
    });

    it("changes between light and dark, and keeps it", async () => {
      const page = await open("hooks.html");
      const paper = (): Promise<unknown> =>
        page.evaluate("getComputedStyle(document.body).backgroundColor");
      const before = await paper();
      await page.click("#theme");
      const after = await paper();
      assert(before !== after);
      await page.reload();
      assertEquals(await paper(), after);
      assertEquals(complaints, []);
    });

    it("is as wide as a phone", async () => {
      const page = await open("index.html");
      await page.setViewport(PHONE);
      for (const name of ["index", "node", "hooks", "testing", "errors"]) {
        await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
        assertEquals(await page.evaluate(IS_TOO_WIDE), false, name);
      }
    });
  });
});

/** The pages but for the API's, by their paths in the folder. */
function pagesIn(folder: string): string[] {
  const pages: string[] = [];
  const walk = (inside: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(inside)) {
      const path = join(inside, name);
      if (isDirectory && name !== "api") walk(path);
      if (name.endsWith(".html")) pages.push(relative(folder, path));
    }
  };
  walk(folder);
  return pages;
}

function linksOf(path: string): string[] {
  const html = Deno.readTextFileSync(path);
  return [...html.matchAll(/\b(?:href|src)="([^"]+)"/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page : join(dirname(page), file);
  if (!existsSync(target)) return false;
  return anchor === undefined ||
    Deno.readTextFileSync(target).includes(`id="${decodeURI(anchor)}"`);
}

let index: SearchIndex | undefined;

/** The index that the pages load. */
function indexIn(folder: string): SearchIndex {
  if (index === undefined) {
    const script = Deno.readTextFileSync(join(folder, "search-index.js"));
    const [, json = ""] = /^globalThis\.sesameIndex = (".*");$/m.exec(script) ??
      [];
    index = readIndex(JSON.parse(json));
  }
  return index;
}
