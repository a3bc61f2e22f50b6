/** Tests that the guide in `docs/` is whole: its links, its index, and each code with its advice. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const ROOT = new URL("../../", import.meta.url);
const PAGES = [...Deno.readDirSync(new URL("docs/", ROOT))]
  .filter(({ name }) => name.endsWith(".md"))
  .map(({ name }) => `docs/${name}`);

const textOf = (path: string): string =>
  Deno.readTextFileSync(new URL(path, ROOT));

/** A page without its blocks of code. */
function proseOf(path: string): string {
  return textOf(path).replace(/^```.*?^```$/gms, "");
}

/** The anchors of a page, as GitHub makes them of headings. */
function anchorsOf(path: string): string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

/** The members of a union of strings, as its source has them. */
function membersOf(path: string, type: string): string[] {
  const [, union = ""] = textOf(path).match(
    new RegExp(`export type ${type} =([^;]+);`),
  ) ?? [];
  return [...union.matchAll(/"([^"]+)"/g)].map(([, member = ""]) => member);
}

/** Throws unless each is in the first column of a table of the page. */
function assertInTable(path: string, members: readonly string[]): void {
  assert(members.length > 5, "The union wasn't found");
  const columns = textOf(path).split("\n")
    .map((line) => line.match(/^\| (.*?) \|/)?.[1] ?? "").join("\n");
  const missing = members.filter((member) =>
    !columns.includes(`\`${member}\``)
  );
  assertEquals(missing, []);
}

describe("The guide", () => {
  for (const page of ["README.md", ...PAGES]) {
    it(`${page} has links that lead somewhere`, () => {
      const links = [
        ...proseOf(page).matchAll(/\]\(([^)\s]+)\)|^\[\w+\]: (\S+)$/gm),
      ]
        .map(([, link, named = ""]) => link ?? named)
        .filter((link) => !/^[a-z]+:/.test(link));
      const broken = links.filter((link) => !leadsSomewhere(page, link));
      assertEquals(broken, []);
    });
  }

  it("has all pages in its index", () => {
    const index = textOf("docs/README.md");
    const missing = PAGES.map((page) => page.slice("docs/".length))
      .filter((name) => name !== "README.md" && !index.includes(`(${name})`));
    assertEquals(missing, []);
  });

  for (const page of PAGES) {
    if (!/^```\w+ ignore/m.test(textOf(page))) continue;
    it(`${page} has blocks that \`deno test\` ignores: a test names it, and runs them`, () => {
      assert(testsIn("tests/").some((test) => textOf(test).includes(page)));
    });
  }

  it("says what to do about each code of a TlsError", () => {
    const codes = membersOf("src/internal/tls_error.ts", "TlsErrorCode");
    assertInTable("docs/errors.md", codes);
  });

  it("says what to look at for each reason why a session isn't resumed", () => {
    const path = "src/tls/sessions/resumption.ts";
    assertInTable("docs/debugging.md", membersOf(path, "ResumptionFailure"));
  });
});

/** The tests, but for this one. */
function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) return testsIn(`${path}/`);
    return path.endsWith(".ts") && !path.endsWith("/guide_test.ts")
      ? [path]
      : [];
  });
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === ""
    ? page
    : new URL(file, new URL(page, ROOT)).href.slice(ROOT.href.length);
  try {
    Deno.statSync(new URL(target, ROOT));
  } catch {
    return false;
  }
  return anchor === undefined || anchorsOf(target).includes(anchor);
}
