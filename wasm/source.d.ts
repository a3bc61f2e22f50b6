declare const wasm: WebAssembly.Module;
export default wasm;

/** Has `deno compile` embed the module. */
export declare const embed: () => Promise<unknown>;
