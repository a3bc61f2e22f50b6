/** The README: short, with a picture that is drawn from a run, and a client that resumes. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, listenTls } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { drawLadder } from "../../docs/site/ladder.ts";

const ROOT = new URL("../../", import.meta.url);
const MAX_LINES = 150;
const README = Deno.readTextFileSync(new URL("README.md", ROOT));

type Echo = (port: number, caCerts: string[]) => Promise<boolean>;

describe("README.md", () => {
  it(`has at most ${MAX_LINES} lines`, () => {
    assert(README.split("\n").length <= MAX_LINES + 1);
  });

  it("says how many of Node's tests pass, as docs/node.md does", () => {
    const page = Deno.readTextFileSync(new URL("docs/node.md", ROOT));
    const passed = (runtime: string, whose: string): string =>
      new RegExp(`^\\| ${runtime} [\\d.]+, ${whose} +\\| (\\d+) of 209 `, "m")
        .exec(page)?.[1] ?? "";
    const runtimes = ["Node", "Deno", "Bun"];
    const own = runtimes.map((runtime) => passed(runtime, "its own"));
    const ours = runtimes.map((runtime) =>
      passed(runtime, "\\*\\*Sesame's\\*\\*")
    );
    const [row = ""] = /^\| \[Node's tests\].*$/m.exec(README) ?? [];
    const cells = row.split("|").map((cell) => cell.trim());
    assertEquals(cells.slice(2, -1), [...own, "-", ours.join(", ")]);
  });

  it("has the figures of docs/performance.md", () => {
    const page = Deno.readTextFileSync(new URL("docs/performance.md", ROOT));
    const figures = (text: string): string[] =>
      text.match(/^\| (?:full handshake|resumed|application data), .*$/gm) ??
        [];
    assert(figures(README).length > 5);
    assertEquals(figures(README), figures(page));
  });

  it("shows what a run draws (deno task site --ladder)", async () => {
    const path = new URL("docs/ladder.svg", ROOT);
    assertStringIncludes(README, "(docs/ladder.svg)");
    assertEquals(await Deno.readTextFile(path), await drawLadder());
  });

  it("has a client that resumes from the second time on", async () => {
    const echo = clientOf(README);
    const { cert, key } = createTestCertificate();
    using listener = listenTls({
      hostname: "localhost",
      port: 0,
      cert,
      key,
      sessions: new MemorySessionStore(),
    });
    (async () => {
      for await (const socket of listener) {
        socket.readable.pipeTo(socket.writable).catch(() => {});
      }
    })();
    const { port } = listener.addr;
    const resumed = [];
    for (let i = 0; i < 3; i++) resumed.push(await echo(port, [cert]));
    assertEquals(resumed, [false, true, true]);
  });
});

/** The function of the client's example. */
function clientOf(readme: string): Echo {
  const [, code = ""] = /^## A client\n\n```ts\n(.*?)^```$/ms.exec(readme) ??
    [];
  const plain = code.replace(/^import .*\n/gm, "")
    .replace(
      "port: number, caCerts: string[]): Promise<boolean>",
      "port, caCerts)",
    );
  return new Function(
    "connectTls",
    "MemorySessionStore",
    `${plain}\nreturn echo;`,
  )(connectTls, MemorySessionStore);
}
