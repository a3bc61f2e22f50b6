/** A made-up session. */
export interface NumberedSession {
  readonly id: Uint8Array;
  readonly record: Uint8Array;
  readonly expiresAt: Date;
}

/** The `n`th of many sessions that are all different, and alive. */
export function numbered(n: number): NumberedSession {
  const id = new Uint8Array(32).fill(7);
  new DataView(id.buffer).setUint32(0, n);
  const record = new Uint8Array(1_000 + n % 100).fill(n);
  new DataView(record.buffer).setUint32(0, n);
  return { id, record, expiresAt: new Date(Date.now() + 3_600_000) };
}
