import process from "node:process";
import { OpenSSL } from "../../libssl/openssl.ts";
import { replaceProperties } from "./replace_properties.ts";

/** How Node.js tells of BoringSSL, which Deno and Bun have. */
interface Features {
  readonly openssl_is_boringssl?: boolean;
}

/**
 * Has `process` tell of the library behind `node:tls` that it is ours: in Deno and Bun the
 * version is one that their BoringSSL stands for. What gives them what they told before.
 */
export function replaceVersions(): () => void {
  const [, version = ""] = OpenSSL.default.version.match(/([\d.]+)/) ?? [];
  const steps = [
    replaceProperties(process.versions, { openssl: told(version) }),
    replaceProperties(process.features as Features, {
      openssl_is_boringssl: told(false),
    }),
  ];
  return () => {
    for (const undo of steps) undo();
  };
}

function told(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}
