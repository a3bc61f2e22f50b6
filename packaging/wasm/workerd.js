// workerd and what bundles for it: an import of a .wasm file is its module.
import module from "./openssl.wasm";

export { module };
