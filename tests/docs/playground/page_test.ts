/** The playground in real browsers. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { buildPlayground } from "../../../docs/playground/build.ts";
import { describeWith, isThere } from "../../support/programs.ts";
import { type BrowserName, BROWSERS, Visitor } from "./browsers.ts";
import { TOGGLES } from "./toggles.ts";

/** All that a first visit may transfer, in bytes. */
const MAX_TRANSFER = 800_000;
const PHONE = { width: 360, height: 740 };

/** Everything that a link must bring back. */
const STATE = `JSON.stringify([
  [...document.querySelectorAll(".visit")].map((visit) => visit.textContent),
  document.querySelector("#ladder-text").textContent,
  [...document.querySelectorAll(".records code")].map((id) => id.textContent),
  document.querySelector("#code").textContent,
  document.querySelector("#now").textContent,
  document.querySelector("#setting-once").checked,
])`;
const TRANSFERRED = `[
  ...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource"),
].reduce((sum, { transferSize }) => sum + transferSize, 0)`;
const LOADED = `performance.getEntriesByType("resource")
  .map(({ name }) => name.split("/").at(-1)).join()`;

describeWith("xz", "The playground", () => {
  // Without it nothing is built, and browsers needn't be missed.
  if (!isThere("xz")) return;
  let folder: string;
  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "sesame-" });
    await buildPlayground(folder);
  });
  afterAll(() => Deno.remove(folder, { recursive: true }));

  for (const browser of Object.keys(BROWSERS) as BrowserName[]) {
    describeWith(
      browser,
      `in ${browser}`,
      () => testsIn(browser, () => Visitor.start(browser, folder)),
    );
  }
});

function testsIn(browser: BrowserName, start: () => Promise<Visitor>): void {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await start();
  });
  afterAll(async () => {
    await visitor[Symbol.asyncDispose]();
  });

  it("shows a first handshake, and transfers less than 800 KB", async () => {
    await using page = await visitor.open("");
    assertEquals(await page.term(), 'reason: "none-offered"');
    const bytes = await page.value<number>(TRANSFERRED);
    assert(bytes > 600_000 && bytes < MAX_TRANSFER, `${bytes} bytes`);
  });

  it("so it does from a host without Brotli", async () => {
    await using page = await visitor.open("", { encodings: ["gzip"] });
    assertEquals(await page.term(), 'reason: "none-offered"');
    assertStringIncludes(await page.value<string>(LOADED), "openssl.lzma");
    const bytes = await page.value<number>(TRANSFERRED);
    assert(bytes > 600_000 && bytes < MAX_TRANSFER, `${bytes} bytes`);
  });

  it("does what each toggle says", async () => {
    await using page = await visitor.open("#seed=toggles");
    for (const [i, toggle] of TOGGLES.entries()) {
      const { name, choices = {}, before = [], clock, press, term } = toggle;
      await page.goTo(`#seed=toggle-${i}.&run=connect`, 1);
      for (const [setting, value] of Object.entries(choices)) {
        await page.choose(setting, value);
      }
      for (const button of before) await page.press(button);
      if (clock !== undefined) {
        await page.page.click(`[data-step="${clock}"]`);
      }
      assertEquals(await page.press(press), term, name);
      assertStringIncludes(await page.text("#verdict"), toggle.text ?? "");
    }
  });

  it("shows the slow store on the time axis, and the retry in the ladder", async () => {
    await using page = await visitor.open(
      "#seed=axis&run=latency:40,retry:on,connect",
    );
    assertStringIncludes(await page.text(".ladder"), "set: done, 40 ms");
    assertStringIncludes(await page.text(".ladder"), "HelloRetryRequest");
    assertStringIncludes(await page.text(".ladder"), "140 ms");
  });

  it("comes back by its link", async () => {
    await using page = await visitor.open("#seed=link");
    await page.press("connect");
    await page.choose("once", "on");
    await page.press("again");
    await page.page.click(`[data-step="10min"]`);
    assertEquals(await page.press("again"), 'from: "store"');
    const link = await page.value<string>("location.hash");
    {
      await using copy = await visitor.open(link);
      assertEquals(await copy.value(STATE), await page.value(STATE));
    }
    // A link within the page takes nothing of it.
    await page.page.focus(".skip");
    await page.page.keyboard.press("Enter");
    await page.until(`location.hash === ${JSON.stringify(link)}`);
    await page.page.click("#start-over");
    await page.until(`!location.hash.includes("seed=link")`);
  });

  it("works by keyboard alone", async () => {
    await using page = await visitor.open("#seed=keys");
    const { keyboard } = page.page;
    const focusOn = async (selector: string): Promise<void> => {
      const isThere = `document.activeElement.matches("${selector}")`;
      for (let tabs = 0; tabs < 60; tabs++) {
        await keyboard.press("Tab");
        if (await page.value(isThere)) return;
      }
      throw new Error(`Tab doesn't reach ${selector}`);
    };
    await focusOn("#connect");
    await keyboard.press("Enter");
    await page.page.waitForSelector(".visit");
    await focusOn("#again");
    await keyboard.press(" ");
    await page.page.waitForSelector(`.visit[data-number="2"]`);
    assertEquals(await page.term(), 'from: "store"');
    await focusOn("#setting-retry");
    await keyboard.press(" ");
    await focusOn("#setting-tickets");
    await keyboard.press("End");
    await keyboard.press("Tab");
    await page.until(
      `location.hash.includes("retry:on,tickets:off")`,
    );
    await focusOn("[data-number='1']");
    await keyboard.press("Enter");
    assertEquals(await page.term(), 'reason: "none-offered"');
    await page.page.focus("#tab-play");
    await keyboard.press("ArrowRight");
    assertEquals(await page.value(`document.activeElement.id`), "tab-explain");
    await focusOn("#example-hello");
    await keyboard.press("Enter");
    assertStringIncludes(await page.text("#explained h3"), "ClientHello");
  });

  it("hides master keys until they are revealed", async () => {
    await using page = await visitor.open("#seed=secret");
    await page.press("connect");
    const key = `document.querySelector(".records .secret").textContent`;
    await page.page.click(".records summary");
    assertEquals(/^•+$/.test(await page.value(key)), true);
    await page.page.click(".records button");
    assertEquals(/^[0-9a-f]{64,96}$/.test(await page.value(key)), true);
    await page.page.click(".records button");
    assertEquals(/^•+$/.test(await page.value(key)), true);
  });

  it("explains its own hello, session and capture", async () => {
    await using page = await visitor.open("#seed=own&run=connect,again");
    await page.page.click("#tab-explain");
    for (
      const [id, text] of [
        ["hello", "asks for shop.example"],
        ["session", "TLS_"],
        ["capture", "The file says: seed: own"],
      ] as const
    ) {
      await page.page.click(`#example-${id}`);
      assertStringIncludes(await page.text("#explained"), text);
    }
    await page.page.click("#tab-play");
    await page.page.click("#explain-pcapng");
    assertStringIncludes(await page.text("#explained .ladder"), "ServerHello");
  });

  it("fits a phone, and has a dark theme", async () => {
    await using page = await visitor.open("#seed=phone", PHONE);
    await page.press("connect");
    await page.page.click("#options summary");
    const width = await page.value<number>(
      "document.documentElement.scrollWidth",
    );
    assert(width <= PHONE.width, `${width} pixels wide`);
    const paper = "getComputedStyle(document.body).backgroundColor";
    const light = await page.value(paper);
    await page.page.select("#theme", "dark");
    const dark = await page.value(paper);
    assert(light !== dark, `${dark}`);
    await page.reload();
    assertEquals(await page.value(paper), dark);
  });

  if (browser === "chromium") {
    it("follows the system's theme, and moves nothing for who wants that", async () => {
      await using page = await visitor.open("#seed=media");
      const paper = "getComputedStyle(document.body).backgroundColor";
      const seen: unknown[] = [];
      for (const value of ["light", "dark"]) {
        await page.page.emulateMediaFeatures([
          { name: "prefers-color-scheme", value },
          { name: "prefers-reduced-motion", value: "reduce" },
        ]);
        seen.push(await page.value(paper));
        await page.press("connect");
        const animations = "document.getAnimations().length";
        assertEquals(await page.value(animations), 0);
      }
      assert(seen[0] !== seen[1], seen.join());
      await page.page.select("#theme", "dark");
      await page.page.emulateMediaType("print");
      assertEquals(await page.value(paper), "rgb(255, 255, 255)");
      assertEquals(
        await page.value("getComputedStyle(document.body).color"),
        "rgb(29, 35, 41)",
      );
    });
  }

  it("says when its module can't be loaded", async () => {
    assertStringIncludes(await visitor.openWithoutModule(), "can't start");
  });

  it("complains about nothing", () => {
    assertEquals(visitor.complaints, []);
  });
}
