// @ts-self-types="./source.d.ts"
// JavaScript, since TypeScript 6 can't parse a source phase import.
import source wasm from "./openssl.wasm";

export default wasm;

/** Never called: `deno compile` embeds what is imported so, not what is imported above. */
export const embed = () => import("./openssl.wasm");
