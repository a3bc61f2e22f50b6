/** The guard around calls of the module's functions. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CallGuard } from "../../src/ffi/call_guard.ts";
import { module } from "../../wasm/module.ts";

const INSTANCE = {
  keepingErrors: (run: () => void) => run(),
  forgetTime: () => {},
};

describe("CallGuard", () => {
  it("passes as many arguments as the function with the most parameters has", () => {
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => 0;
    }
    const { exports } = new WebAssembly.Instance(module, imports);
    const counts = Object.values(exports).flatMap((value) =>
      typeof value === "function" ? [value.length] : []
    );
    const received = new CallGuard(INSTANCE).guarded(
      "f",
      (...args) => args.length,
    );
    assertEquals(received(), Math.max(...counts));
  });

  it("forgets the time after a call in which it was read, and only then", () => {
    let forgotten = 0;
    const guard = new CallGuard({
      ...INSTANCE,
      forgetTime: () => void forgotten++,
    });
    guard.guarded("f", () => guard.noteTime())();
    assertEquals(forgotten, 1);
    guard.guarded("g", () => {})();
    assertEquals(forgotten, 1);
  });

  it("throws what was kept when the outermost call has returned, once", () => {
    const guard = new CallGuard(INSTANCE);
    const error = new Error("kept");
    const order: string[] = [];
    const inner = guard.guarded("inner", () => {
      guard.keep(error);
      guard.defer(() => void order.push("deferred"));
      order.push("inner");
    });
    const outer = guard.guarded("outer", () => {
      inner();
      order.push("outer");
    });
    assertEquals(assertThrows(outer), error);
    assertEquals(order, ["inner", "outer", "deferred"]);
    guard.guarded("later", () => {})();
  });
});
