/** What Node.js has in its module `tls`: Node.js runs this. */
import process from "node:process";
import tls from "node:tls";

/** The names of the module, of the prototypes, and of the options that its sources read. */
export interface Theirs {
  readonly module: readonly string[];
  readonly server: readonly string[];
  readonly socket: readonly string[];
  readonly options: readonly string[];
}

/** Node.js keeps the sources of its modules. */
interface Natives {
  binding(name: "natives"): Readonly<Record<string, string>>;
}

/** Tells them. */
export default function namesInNode(): Theirs {
  (process as { noDeprecation?: boolean }).noDeprecation = true;
  const sources = (process as unknown as Natives).binding("natives");
  const wrap = sources["internal/tls/wrap"] ?? "";
  const read = wrap.matchAll(/\b(?:options|tlsOptions)\.(\w+)/g);
  const [, context = ""] = sources["internal/tls/secure-context"]
    ?.match(/function configSecureContext[^]*?const \{([^]*?)\} = options;/) ??
    [];
  return {
    module: Object.keys(tls),
    server: Object.getOwnPropertyNames(tls.Server.prototype),
    socket: Object.getOwnPropertyNames(tls.TLSSocket.prototype),
    options: [
      ...[...read].map(([, name = ""]) => name),
      ...(context.match(/^ *\w+/gm) ?? []).map((name) => name.trim()),
    ],
  };
}
