// @ts-self-types="./source.d.ts"
// JavaScript, since TypeScript 6 can't parse a source phase import.
import source wasm from "./openssl.wasm";

export default wasm;
