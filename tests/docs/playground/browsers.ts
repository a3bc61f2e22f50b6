/** The playground in browsers: a build of it, and pages of it. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import {
  type PlaygroundServer,
  servePlayground,
} from "../../../docs/playground/serve.ts";

/** The browsers that the page is tested in, by their programs. */
export const BROWSERS = {
  "chromium": { browser: "chrome", args: ["--no-sandbox", "--disable-gpu"] },
  "firefox-esr": { browser: "firefox", args: [] },
} as const;

/** Whether a page has done what its link says. */
const IS_READY = `document.querySelector("#code").textContent !== ""`;

const VERDICT = `document.querySelector("#verdict").textContent`;

/** The name of a browser's program. */
export type BrowserName = keyof typeof BROWSERS;

/** A browser with a server of the page. */
export class Visitor implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #servers: PlaygroundServer[] = [];
  /** What went wrong in any of the pages. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  /** Starts a browser for the page in a folder. */
  static async start(name: BrowserName, folder: string): Promise<Visitor> {
    const { browser, args } = BROWSERS[name];
    return new Visitor(
      await puppeteer.launch({
        browser,
        executablePath: pathOf(name),
        args: [...args],
      }),
      folder,
    );
  }

  /** The page of a fragment, once it has done what that says. */
  async open(
    fragment: string,
    { encodings, width = 1280, height = 900 }: {
      encodings?: readonly ("br" | "gzip")[];
      width?: number;
      height?: number;
    } = {},
  ): Promise<PlaygroundPage> {
    const page = await this.#newPage({ width, height });
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(`${this.#serve(encodings)}${fragment}`);
    const opened = new PlaygroundPage(page);
    await opened.until(IS_READY);
    return opened;
  }

  /** What the page says when its module can't be loaded. */
  async openWithoutModule(): Promise<string> {
    const page = await this.#newPage({ width: 800, height: 600 });
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const isModule = request.url().includes("openssl.");
      return isModule ? request.abort() : request.continue();
    });
    await page.goto(this.#serve());
    const opened = new PlaygroundPage(page);
    await opened.until(`!/Loading/.test(${VERDICT})`);
    return await opened.value(VERDICT);
  }

  async #newPage(size: { width: number; height: number }): Promise<Page> {
    const page = await this.#browser.newPage();
    await page.setViewport(size);
    return page;
  }

  #serve(encodings?: readonly ("br" | "gzip")[]): string {
    const server = servePlayground(this.#folder, {
      port: 0,
      ...(encodings && { encodings }),
    });
    this.#servers.push(server);
    return server.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
  }
}

/** Where a program is that is in PATH. */
export function pathOf(program: string): string {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const paths = folders.map((folder) => join(folder, program));
  return paths.find((path) => existsSync(path)) ?? program;
}

/** A page of the playground. */
export class PlaygroundPage implements AsyncDisposable {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** What an expression of the page's is. */
  async value<T>(expression: string): Promise<T> {
    return await this.page.evaluate(expression) as T;
  }

  /** Waits until an expression of the page's is true, also behind another page. */
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression, { polling: 20 });
  }

  /** Opens another link in the same page. */
  async goTo(fragment: string, visits: number): Promise<void> {
    await this.value(`void (location.hash = ${JSON.stringify(fragment)})`);
    await this.until(
      `document.querySelectorAll(".visit").length === ${visits} &&
        location.hash.includes(document.querySelector("#seed").value)`,
    );
  }

  /** Loads the page again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.until(IS_READY);
  }

  /** The text of an element. */
  text(selector: string): Promise<string> {
    return this.value(
      `document.querySelector(${JSON.stringify(selector)}).textContent`,
    );
  }

  /** Presses a button that makes a connection: the library's word for what became of it. */
  async press(id: "connect" | "again" | "replay"): Promise<string> {
    const visits = `document.querySelectorAll(".visit").length`;
    const count = await this.value<number>(visits);
    await this.page.click(`#${id}`);
    await this.until(`${visits} === ${count + 1}`);
    return await this.term();
  }

  /** The library's word for the connection that is shown. */
  term(): Promise<string> {
    return this.text(".terms code");
  }

  /** Makes a choice as a visitor does. */
  async choose(setting: string, value: string): Promise<void> {
    const selector = `#setting-${setting}`;
    if (value === "on") await this.page.click(selector);
    else await this.page.select(selector, value);
    await this.until(
      `location.hash.includes(${JSON.stringify(`${setting}:${value}`)})`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
