/** What the playground does behind its page: in Deno, since it needs no browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  linkOf,
  pageStateOf,
  withAction,
} from "../../../docs/playground/model/actions.ts";
import { codeOf } from "../../../docs/playground/model/code.ts";
import { planOf } from "../../../docs/playground/model/plan.ts";
import { Playground } from "../../../docs/playground/model/run.ts";
import {
  SETTING_NAMES,
  SETTINGS,
} from "../../../docs/playground/model/settings.ts";
import { outputOf } from "../../support/program_output.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Links that between them have every action and every choice. */
const LINKS = [
  "connect,again,replay",
  "version:1.2,connect,again,clock:3h,again",
  "connect,version:1.2,again",
  "tickets:stateless,connect,again,tickets:own-keys,again,tickets:off,again",
  "latency:40,failure:corrupt,connect,again,failure:lost-write,again",
  "connect,latency:never,again,failure:error,latency:none,again",
  "once:on,early:on,connect,again,replay,clock:10min,again",
  "retry:on,connect,again,auth:shown,again,auth:missing,again",
  "connect,host:mail.example,again,clock:2d,again,clock:100d,again",
  "byte:client-hello,connect,byte:server-hello,connect,byte:server-second,connect",
];

function stateOf(run: string): ReturnType<typeof pageStateOf> & object {
  const state = pageStateOf(`#seed=a%20"seed"&run=${run}`);
  assert(state !== undefined);
  return state;
}

/** The ladders of a page. */
async function laddersOf(run: string): Promise<string> {
  const state = stateOf(run);
  using playground = new Playground(state.seed);
  let ladders = "";
  for (const step of planOf(state)) {
    const visit = await playground.take(step);
    if (visit) ladders += `${visit.trace.toLadder()}\n`;
  }
  return ladders;
}

describe("The playground's code", () => {
  it("is of links with every choice", () => {
    const all = LINKS.join();
    for (const name of SETTING_NAMES) {
      for (const { value } of SETTINGS[name].choices.slice(1)) {
        assertStringIncludes(all, `${name}:${value}`);
      }
    }
  });

  it("prints the ladders that the page shows", async () => {
    // One process for all programs: each is a block of its own.
    const programs = LINKS.map((run) => codeOf(stateOf(run)));
    const imports = /^import \{(.*)\} from (".*");\n/gm;
    const names = new Map<string, Set<string>>();
    for (const program of programs) {
      for (const [, list = "", from = ""] of program.matchAll(imports)) {
        const known = names.get(from) ?? new Set();
        for (const name of list.split(",")) known.add(name.trim());
        names.set(from, known);
      }
    }
    const heads = [...names].map(([from, list]) =>
      `import { ${[...list].join(", ")} } from ${from};`
    );
    const blocks = programs.map((program) =>
      `{\n${program.replaceAll(imports, "")}}`
    );
    const ladders: string[] = [];
    for (const run of LINKS) ladders.push(await laddersOf(run));
    assertEquals(
      await outputOf([...heads, ...blocks].join("\n"), ["--check", "--ext=ts"]),
      ladders.join(""),
    );
  });
});

describe("A link to the playground", () => {
  it("is what it was made from", () => {
    for (const run of LINKS) {
      const state = stateOf(run);
      assertEquals(pageStateOf(linkOf(state)), state);
    }
  });

  it("loses what isn't an action", () => {
    const { actions } = stateOf(
      "connect,nothing,version:9,__proto__:on,clock:1y,constructor,again:x",
    );
    assertEquals(actions, [{ type: "connect" }]);
    assertEquals(stateOf("connect,".repeat(1000)).actions.length, 64);
    assertEquals(pageStateOf("#run=connect"), undefined);
    assertEquals(pageStateOf(`#seed=${"x".repeat(100)}`)?.seed.length, 64);
  });

  it("has the last of changes in a row", () => {
    const set = (value: string) =>
      ({ type: "set", name: "version", value }) as const;
    const connect = { type: "connect" } as const;
    assertEquals(withAction([set("1.2")], set("1.3")), []);
    assertEquals(withAction([set("1.2"), connect], set("1.3")), [
      set("1.2"),
      connect,
      set("1.3"),
    ]);
  });
});

describe("deno task playground", () => {
  const task = async (...args: string[]): Promise<[number, string]> => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "docs/playground/build.ts", ...args],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    return [code, new TextDecoder().decode(code === 0 ? stdout : stderr)];
  };

  it("explains itself, and what it can't take", async () => {
    const [code, help] = await task("--help");
    assertEquals(code, 0);
    assertStringIncludes(help, "--build DIR");
    for (const args of [["--port", "x"], ["--port", "70000"], ["--nothing"]]) {
      const [code, error] = await task(...args);
      assertEquals(code, 2);
      assertStringIncludes(error, args[0] ?? "");
    }
  });
});
