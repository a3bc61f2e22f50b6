/** Bytes whose own `length`, views and copies say that there are far more of them. */
export class SpoofedBytes extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    throw new Error("A copy was made by the species of a subclass");
  }
  override get length(): number {
    return 1 << 20;
  }
  override get byteLength(): number {
    return 1 << 20;
  }
  override get byteOffset(): number {
    return 0;
  }
}
