/** That the tables of docs/node.md have what Node.js 24 has, and ours what they promise. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import tls from "../../src/node/mod.ts";
import { describeWithNode24, inNode24 } from "../support/node24.ts";
import type { Theirs } from "./names_in_node.ts";

const ROOT = new URL("../../", import.meta.url);
const TABLES = tablesOf(await Deno.readTextFile(new URL("docs/node.md", ROOT)));
const MODULE = rowsOf("Functions and values of the module");
const CONTEXT = rowsOf(
  "Options of `createSecureContext`, and so of `connect` and `createServer`",
);
const SERVER = rowsOf("Options of `createServer`");
const CONNECT = rowsOf("Options of `connect` and `new TLSSocket`");

/** What Node's sources read, and its documentation has under other names, or not at all. */
const UNDOCUMENTED = [
  "credentials", // before `secureContext`
  "pipe", // an object of libuv's, in place of a socket
  "singleUse", // told by `connect` to `createSecureContext`
];
/** What `net.createServer` and `socket.connect` document. */
const OF_NET = [
  "keepAlive",
  "keepAliveInitialDelay",
  "localAddress",
  "noDelay",
  "pauseOnConnect",
];

const NAMES = new URL("./names_in_node.ts", import.meta.url);

describeWithNode24("docs/node.md, with Node.js 24", () => {
  const theirs = () => inNode24<Theirs>(NAMES, null);

  it("has every name of the module", async () => {
    assertEquals(names(MODULE), (await theirs()).module.toSorted());
  });

  it("has every method", async () => {
    const { server, socket } = await theirs();
    const isPublic = (name: string) => !/^_|^constructor$/.test(name);
    assertMissing(rowsOf("`Server`"), server.filter(isPublic));
    assertMissing(rowsOf("`TLSSocket`"), socket.filter(isPublic));
  });

  it("has every option", async () => {
    const { options } = await theirs();
    const known = new Set([...UNDOCUMENTED, ...OF_NET]);
    assertMissing(
      new Map([...CONTEXT, ...SERVER, ...CONNECT]),
      options.filter((name) => !known.has(name)),
    );
  });
});

describe("docs/node.md, with ours", () => {
  it("ticks what the module has", () => {
    const here = Object.keys(tls);
    assertEquals(ticked(MODULE).filter((name) => !here.includes(name)), []);
    assertMissing(MODULE, here);
  });

  it("has classes of Node's names", () => {
    const { Server, TLSSocket } = tls;
    assertEquals([Server.name, TLSSocket.name], ["Server", "TLSSocket"]);
    assertEquals(new Server().constructor.name, "Server");
  });

  it("ticks methods that there are", () => {
    const { Server, TLSSocket } = tls;
    const isEvent =
      /^(connection|keylog|newSession|OCSP\w+|resumeSession|secure\w*|session|tlsClientError)$/;
    const isProperty =
      /^(alpnProtocol|authorizationError|authorized|encrypted|local\w+|remote\w+|servername)$/;
    for (
      const [heading, { prototype }] of [["`Server`", Server], [
        "`TLSSocket`",
        TLSSocket,
      ]] as const
    ) {
      const methods = ticked(rowsOf(heading))
        .filter((name) => !isEvent.test(name) && !isProperty.test(name));
      const missing = methods.filter((name) =>
        typeof Reflect.get(prototype, name) !== "function"
      );
      assertEquals(missing, [], heading);
    }
  });

  it("ticks events and options that the sources name", async () => {
    const sources = await sourcesIn(new URL("src/node/", ROOT));
    const rows = new Map([
      ...CONTEXT,
      ...SERVER,
      ...CONNECT,
      ...rowsOf("`Server`"),
      ...rowsOf("`TLSSocket`"),
    ]);
    // Sockets and streams of the runtime take these.
    const passedOn =
      /^(address|host|listen|local\w+|lookup|onread|port|remote\w+|signal)$/;
    const missing = ticked(rows).filter((name) =>
      !passedOn.test(name) && !new RegExp(`\\b${name}\\b`).test(sources)
    );
    assertEquals(missing, []);
  });

  it("says why of what isn't ticked", () => {
    const rows = [...TABLES.values()].flatMap((table) => [...table]);
    assert(rows.length > 100);
    assertEquals(rows.filter(([, here]) => here.length === 0), []);
  });
});

/** The rows of the tables under each heading of the page's part, by their first cells. */
function tablesOf(page: string): Map<string, Map<string, string>> {
  const [, part = ""] = page.split("## What there is\n");
  const [tables = ""] = part.split("\n## ");
  return new Map(
    tables.split("\n### ").slice(1).map((section) => {
      const [heading = ""] = section.split("\n");
      const rows = section.matchAll(/^\| `(\w+)` *\| (.*?) *\|$/gm);
      return [
        heading,
        new Map([...rows].map(([, name = "", here = ""]) => [name, here])),
      ];
    }),
  );
}

function rowsOf(heading: string): Map<string, string> {
  const rows = TABLES.get(heading);
  if (rows === undefined) throw new Error(`docs/node.md has no "${heading}"`);
  return rows;
}

function names(rows: Map<string, string>): string[] {
  return [...rows.keys()].sort();
}

function ticked(rows: Map<string, string>): string[] {
  return [...rows].filter(([, here]) => here.startsWith("✓")).map(([name]) =>
    name
  );
}

function assertMissing(
  rows: Map<string, string>,
  all: readonly string[],
): void {
  assertEquals(all.filter((name) => !rows.has(name)), []);
}

async function sourcesIn(folder: URL): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    text += isDirectory
      ? await sourcesIn(new URL(`${name}/`, folder))
      : await Deno.readTextFile(new URL(name, folder));
  }
  return text;
}
