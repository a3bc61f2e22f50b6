/** The recipe of docs/workers.md runs, and its workers share their sessions. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { connectTls, type TlsSession } from "@sesame/tls";
import { Folder } from "../support/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = join(ROOT, "docs", "workers.md");
const CONNECTIONS = 8;

describe("docs/workers.md", () => {
  it("has workers on one port, which resume each other's sessions", async () => {
    await using folder = await Folder.make();
    const page = await Deno.readTextFile(PAGE);
    for (
      const [, text = "", name = ""] of page.matchAll(
        /^```ts ignore\n(\/\/ (\w+\.ts).*?)^```$/gms,
      )
    ) {
      // The certificate is told to the test, which trusts it.
      const told = text.replace("console.log(", "console.log(cert);\n$&");
      await Deno.writeTextFile(folder.path(name), told);
    }
    const importMap = folder.path("import_map.json");
    await Deno.writeTextFile(
      importMap,
      JSON.stringify({ imports: packageOf() }),
    );
    await using main = startMain(folder.path("main.ts"), importMap);
    const output = await main.output();
    const [, port] = /^2 workers listen on port (\d+)$/m.exec(output) ?? [];
    const options = {
      hostname: "127.0.0.1",
      servername: "localhost",
      port: Number(port),
      caCerts: [output.slice(0, output.indexOf("2 workers"))],
    };
    let session: TlsSession | undefined;
    const resumed: (boolean | undefined)[] = [];
    for (let i = 0; i < CONNECTIONS; i++) {
      await using socket = await connectTls({
        ...options,
        ...(session && { session }),
      });
      await socket.write(new Uint8Array(1));
      await socket.read(new Uint8Array(1));
      resumed.push(socket.info?.resumed);
      session = (await socket.sessions.getReader().read()).value;
    }
    assertEquals(resumed, [false, ...Array(CONNECTIONS - 1).fill(true)]);
  });
});

/** The package's modules by their names, for programs outside of the repository. */
function packageOf(): Record<string, string> {
  const { name, exports } = JSON.parse(
    Deno.readTextFileSync(join(ROOT, "deno.json")),
  );
  return Object.fromEntries(
    Object.entries<string>(exports).map(([path, file]) => [
      name + path.slice(1),
      pathToFileURL(join(ROOT, file)).href,
    ]),
  );
}

/** Runs a program; `output` resolves with what it prints up to the line of its port. */
function startMain(
  path: string,
  importMap: string,
): AsyncDisposable & { output: () => Promise<string> } {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--unstable-net",
      "--allow-net",
      "--allow-read",
      `--import-map=${importMap}`,
      path,
    ],
    stdout: "piped",
  }).spawn();
  return {
    output: async () => {
      let text = "";
      for await (
        const chunk of child.stdout.pipeThrough(new TextDecoderStream())
      ) {
        text += chunk;
        if (/listen on port \d+\n/.test(text)) break;
      }
      return text;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.status;
    },
  };
}
