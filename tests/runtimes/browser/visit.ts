import { deadline, type Report } from "../command.ts";
import { serveFolder } from "../serve_folder.ts";

/** Shows a folder's page to a headless Chromium: what the page reports. */
export async function visitInChromium(
  chromium: string,
  folder: string,
  page = "page.html",
): Promise<Report> {
  const report = Promise.withResolvers<string>();
  await using server = serveFolder(folder, report.resolve);
  const profile = await Deno.makeTempDir({ prefix: "sesame-" });
  const startedAt = Date.now();
  const browser = new Deno.Command(chromium, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      `${server.url}${page}`,
    ],
    stdout: "null",
    stderr: "null",
    signal: deadline(),
  }).spawn();
  const ended = browser.status.then(({ code }) =>
    report.reject(new Error(`It ended with ${code} and reported nothing`))
  );
  try {
    return { startedAt, text: await report.promise };
  } finally {
    await browser[Symbol.asyncDispose]();
    await ended;
    await removeProfile(profile);
  }
}

/** Removes a folder into which Chromium's children write, which outlive it a little. */
export async function removeProfile(folder: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
