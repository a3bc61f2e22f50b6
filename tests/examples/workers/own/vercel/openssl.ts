/**
 * In place of the package's `#openssl`, which compiles its module: there no one may at run
 * time. Vercel's builder makes a module of an import of `openssl.wasm?module`.
 *
 * @module
 */
export const module: WebAssembly.Module =
  (globalThis as unknown as { OPENSSL: WebAssembly.Module }).OPENSSL;
