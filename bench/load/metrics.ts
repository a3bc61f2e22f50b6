/** OpenSSL's memory in a server, in bytes; null if the server doesn't tell. */
export interface WasmMemory {
  /** The linear memory, which never shrinks. */
  wasmTotal: number | null;
  /** What of it is allocated. */
  wasmUsed: number | null;
}

/** Reads the server's figures for Prometheus. */
export async function readMetrics(
  url: string | undefined,
): Promise<WasmMemory> {
  if (url === undefined) return { wasmTotal: null, wasmUsed: null };
  const text = await (await fetch(url)).text();
  return {
    wasmTotal: gauge(text, "sesame_wasm_memory_bytes"),
    wasmUsed: gauge(text, "sesame_wasm_memory_used_bytes"),
  };
}

function gauge(text: string, name: string): number | null {
  const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(text) ?? [];
  return value === undefined ? null : Number(value);
}
