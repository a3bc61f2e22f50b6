/** Whole messages through EVP, on the kernels. */
import { type Kernels, out, text } from "./kernels.ts";

export interface Message {
  cipher: string;
  key: Uint8Array;
  iv: Uint8Array;
  aad: Uint8Array;
  input: Uint8Array;
  /** Where the input is divided in two. */
  split: number;
}

export interface Sealed {
  output: Uint8Array;
  tag: Uint8Array;
}

/** The module has no such cipher: its configuration leaves it out. */
export class NoCipherError extends Error {}

const BLOCK = 16;

export function seal(
  kernels: Kernels,
  message: Message,
  tagLength: number,
): Sealed {
  const tag = out(tagLength);
  const output = process(kernels, message, true, tag.bytes, tag);
  return { output, tag: tag.bytes };
}

export function open(
  kernels: Kernels,
  message: Message,
  tag: Uint8Array,
): Uint8Array {
  return process(kernels, message, false, tag, out(tag));
}

function process(
  kernels: Kernels,
  { cipher, key, iv, aad, input, split }: Message,
  encrypts: boolean,
  tag: Uint8Array,
  tagPlace: { bytes: Uint8Array },
): Uint8Array {
  const whole = new Uint8Array(input.length + BLOCK);
  whole.set(input);
  const to = out(whole);
  const lengths = [split, input.length];
  const length = kernels.call("cipher", [
    ...[text(cipher), Number(encrypts), key, iv, iv.length, aad, aad.length],
    ...[input, ...lengths, to, tagPlace, tag.length],
  ]);
  if (length === -2) throw new NoCipherError(cipher);
  if (length < 0) throw new Error(`${cipher} was refused`);
  return to.bytes.subarray(0, length);
}
