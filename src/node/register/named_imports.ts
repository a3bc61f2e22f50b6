import module from "node:module";
import * as ours from "../mod.ts";

/** What Bun offers for tests and any program can have: it changes what modules import. */
interface BunTest {
  readonly mock: {
    readonly module: (name: string, replacement: () => object) => void;
  };
}

/**
 * Has modules that Deno loads from now on import ours; those that are loaded keep what they
 * import by name. What ends that.
 */
export function replaceImportsInDeno(): () => void {
  const { deregister } = module.registerHooks({
    resolve: (specifier, context, next) =>
      // What require() gives is ours already.
      /^(node:)?tls$/.test(specifier) && !context.conditions.includes("require")
        ? { url: MODULE, format: "module", shortCircuit: true }
        : next(specifier, context),
  });
  return () => deregister();
}

const NAMES = Object.keys(ours).filter((name) => name !== "default");
/** A module whose default export is the runtime's object, which has ours. */
const MODULE = `data:text/javascript,${
  encodeURIComponent(`
    const tls = process.getBuiltinModule("node:tls");
    export default tls;
    export const { ${NAMES.join()} } = tls;`)
}`;

/**
 * Changes what Bun's modules import by name from one of Bun's own, those too that are loaded.
 * What gives them the properties that it has by then.
 */
export function replaceImportsInBun(
  name: string,
  builtin: object,
  replacement: object,
): () => void {
  const { mock }: BunTest = module.createRequire(import.meta.url)("bun:test");
  const replace = (properties: object) =>
    mock.module(name, () => ({ ...properties, default: builtin }));
  replace(replacement);
  return () => replace(builtin);
}
