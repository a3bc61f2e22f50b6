/** Which folder of `src/` may import which, and that no imports go in a circle, types included. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

/** The rooms of `src/`, each with those that it may import from. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "internal": [],
  "ffi": ["internal"],
  "libssl": ["internal", "ffi"],
  "stores": ["internal"],
  "pki": ["internal", "libssl", "tls/errors"],
  "tls/errors": ["internal", "libssl"],
  "tls/peer": ["internal", "libssl", "tls/errors"],
  ...tls("tls/sessions", ["tls/errors", "tls/peer"]),
  ...tls("tls/context", ["tls/errors", "tls/peer", "tls/sessions"]),
  ...tls("tls/engine", [
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
  ]),
  ...tls("tls/socket", [
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
    "tls/engine",
  ]),
  ...tls("tls/deno", [
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
    "tls/engine",
    "tls/socket",
  ]),
  "node": [
    "internal",
    "ffi",
    "libssl",
    "stores",
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
    "tls/engine",
  ],
  "testing": [
    "internal",
    "ffi",
    "libssl",
    "stores",
    "pki",
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
    "tls/engine",
    "tls/socket",
  ],
  "audit": [
    "internal",
    "libssl",
    "stores",
    "pki",
    "testing",
    "tls/errors",
    "tls/peer",
    "tls/sessions",
    "tls/context",
    "tls/engine",
    "tls/socket",
    "tls/deno",
  ],
  // The public API, of which mod.ts is a part.
  "cli": ["libssl", "stores", "pki", "audit", "mod.ts"],
};

/** Folders of tests in rooms that have none of that name: servers that are audited. */
const OWN_FOLDERS = ["tests/audit/servers/", "tests/audit/wrong/"];

/** The rooms of `tls` above `peer`: `ffi` is there for memory that is gone. */
function tls(room: string, others: string[]): Record<string, string[]> {
  return { [room]: ["internal", "ffi", "libssl", "stores", ...others] };
}

const root = new URL("../", import.meta.url);
const IMPORTS =
  /^\s*(?:import|export)\b[^"';]*?from\s*"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;

/** The files that each file of `src/` imports, by their paths from the root. */
const imports = new Map(
  [...filesIn("src/")].map((file) => [file, importsOf(file)]),
);

describe("The files of src/", () => {
  it("import from the rooms below them only", () => {
    const wrong = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !mayImport(file, target))
        .map((target) => `${file} imports ${target}`)
    );
    assertEquals(wrong, []);
  });

  it("import each other in no circle", () => {
    assertEquals(circles(), []);
  });

  it("have their tests in a folder of the same name", () => {
    const without = Object.keys(MAY_IMPORT)
      .filter((room) => testsIn(room).length === 0);
    assertEquals(without, []);
  });

  it("have the tests of a sub-folder in one of the same name", () => {
    const wrong = Object.keys(MAY_IMPORT).flatMap((room) => [
      ...testsIn(room).filter((test) => isOfSubfolder(room, test)),
      ...testsIn(room).filter((test) => !hasFolder(test)),
    ]);
    assertEquals(wrong, []);
  });

  it("use Deno's API in src/tls/deno and src/cli alone", () => {
    const users = [...imports.keys()].filter((file) =>
      !["tls/deno", "cli"].includes(roomOf(file)) &&
      /\bDeno\.[a-z]/.test(withoutComments(file))
    );
    // Their error messages name functions of Deno's.
    const messages = [
      "src/stores/kv/database.ts",
      "src/tls/context/pem_text.ts",
    ];
    assertEquals(users.filter((file) => !messages.includes(file)), []);
  });

  it("assign to no exported variable", () => {
    const wrong = [...imports.keys()].filter((file) =>
      /^export let\b/m.test(withoutComments(file))
    );
    assertEquals(wrong, []);
  });
});

function mayImport(file: string, target: string): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (!target.startsWith("src/") && to !== "mod.ts") return true;
  return from === to || (MAY_IMPORT[from]?.includes(to) ?? false);
}

function roomOf(path: string): string {
  const [top = "", room = "", part = ""] = path.split("/");
  if (top !== "src") return path;
  return room === "tls" ? `tls/${part}` : room;
}

/** Each set of files that reach each other (Tarjan's algorithm). */
function circles(): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const own = order.size;
    let low = own;
    order.set(file, own);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) {
        low = Math.min(low, order.get(target) ?? low);
      }
    }
    if (low === own) {
      const set = open.splice(open.indexOf(file));
      if (set.length > 1) found.push(set.sort());
    }
    return low;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

function testsIn(room: string): string[] {
  return existing(`tests/${room}/`).filter((file) => file.endsWith("_test.ts"));
}

/**
 * Whether a test that is in no sub-folder has the name of a file in one (`decode_test.ts`), or
 * of a sub-folder before its own (`trace_decode_test.ts`).
 */
function isOfSubfolder(room: string, test: string): boolean {
  const name = test.slice(`tests/${room}/`.length, -"_test.ts".length);
  const files = existing(`src/${room}/`)
    .map((file) => file.slice(`src/${room}/`.length));
  if (name.includes("/") || files.includes(`${name}.ts`)) return false;
  const folders = files.flatMap((file) => file.split("/").slice(0, -1));
  return folders.some((folder) => name.startsWith(`${folder}_`)) ||
    files.filter((file) => file.endsWith(`/${name}.ts`)).length === 1;
}

/** Whether `src/` has the folder of a test. */
function hasFolder(test: string): boolean {
  const folder = test.slice("tests/".length, test.lastIndexOf("/") + 1);
  return OWN_FOLDERS.includes(`tests/${folder}`) ||
    existing(`src/${folder}`).length > 0;
}

function existing(folder: string): string[] {
  try {
    return [...filesIn(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

function importsOf(file: string): string[] {
  return [...textOf(file).matchAll(IMPORTS)].map(([, from, dynamic]) =>
    new URL(from ?? dynamic ?? "", new URL(file, root)).href
      .slice(root.href.length)
  );
}

function withoutComments(file: string): string {
  return textOf(file).replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, "");
}

function textOf(file: string): string {
  return Deno.readTextFileSync(new URL(file, root));
}
