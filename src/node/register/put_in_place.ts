import { Server as HttpsServer } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import tls from "node:tls";
import ours, * as named from "../mod.ts";
import { replaceHttpsServer } from "./bun_https.ts";
import { replaceImportsInBun, replaceImportsInDeno } from "./named_imports.ts";
import { keepOwnSockets } from "./own_sockets.ts";
import { replaceLibrary } from "./library.ts";
import { replaceProperties } from "./replace_properties.ts";

/** Makes the runtime's `node:tls` ours: what undoes it. */
export function putInPlace(): () => void {
  const own = isNode(process.versions) ? [keepOwnSockets()] : [];
  // The object is what require() gives, and what node:https calls.
  const object = replaceProperties(tls, Object.getOwnPropertyDescriptors(ours));
  const rest = stepsOf(process.versions);
  syncBuiltinESMExports();
  return () => {
    for (const undo of [object, ...rest, ...own]) undo();
    syncBuiltinESMExports();
  };
}

function isNode(versions: typeof process.versions): boolean {
  return !("bun" in versions) && !("deno" in versions);
}

/** What a runtime needs besides. */
function stepsOf(versions: typeof process.versions): (() => void)[] {
  if ("bun" in versions) {
    return [
      replaceImportsInBun("node:tls", tls, named),
      replaceHttpsServer(),
      replaceLibrary(),
    ];
  }
  const https = derive(HttpsServer, ours.Server);
  return "deno" in versions
    ? [https, replaceImportsInDeno(), replaceLibrary()]
    : [https];
}

/** Has a class inherit from another one: what gives it back the one that it had. */
function derive(child: object, parent: object): () => void {
  const pairs = [
    [child, parent],
    [prototypeOf(child), prototypeOf(parent)],
  ] as const;
  const before = pairs.map(([object]) => Object.getPrototypeOf(object));
  for (const [object, next] of pairs) Object.setPrototypeOf(object, next);
  return () => {
    for (const [i, [object]] of pairs.entries()) {
      Object.setPrototypeOf(object, before[i]);
    }
  };
}

function prototypeOf(constructor: object): object {
  return Reflect.get(constructor, "prototype");
}
