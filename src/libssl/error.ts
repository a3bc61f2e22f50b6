import { offset } from "../ffi/pointers.ts";
import type { Address } from "../ffi/pointers.ts";
import { uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";

const MAX_ERROR_TEXT_BYTES = 256;

/** One entry of OpenSSL's error queue. */
export interface ErrorEntry {
  /** The error code, which packs library and reason. */
  readonly code: number;
  /** The library's name, such as `"SSL routines"`. */
  readonly library: string | null;
  /** The text of the reason, such as `"no shared cipher"`. */
  readonly reason: string | null;
  /** Additional data, such as the name of a file or the number of an alert. */
  readonly data: string | null;
}

/**
 * The error queue (ERR_get_error(3)). It belongs to the instance, not to a connection: clear it
 * before a call whose errors matter. Errors that are added during a callback are removed when it
 * returns.
 */
export class ErrorFunctions extends FunctionGroup {
  /** Removes the oldest error from the queue and returns its code; 0 if there is none. */
  ERR_get_error(): number {
    return this.ERR_get_error_all()?.code ?? 0;
  }

  /** Removes the oldest error from the queue and returns it; `null` if there is none. */
  ERR_get_error_all(): ErrorEntry | null {
    return this.memory.withWords(5, (out) => {
      const data = offset(out, 12);
      const code = this.c.ERR_get_error_all(
        out,
        offset(out, 4),
        offset(out, 8),
        data,
        offset(out, 16),
      ) >>> 0;
      if (code === 0) return null;
      const text = this.memory.readString(
        this.memory.readWord(data) as Address,
      );
      return {
        code,
        library: this.ERR_lib_error_string(code),
        reason: this.ERR_reason_error_string(code),
        data: text === "" ? null : text,
      };
    });
  }

  /** Returns the code of the oldest error, which stays in the queue; 0 if there is none. */
  ERR_peek_error(): number {
    return this.c.ERR_peek_error() >>> 0;
  }

  /** Returns the code of the newest error, which stays in the queue; 0 if there is none. */
  ERR_peek_last_error(): number {
    return this.c.ERR_peek_last_error() >>> 0;
  }

  /** Empties the queue. */
  ERR_clear_error(): void {
    this.c.ERR_clear_error();
  }

  /** Returns the text of an error as OpenSSL's programs print it. */
  ERR_error_string(e: number): string {
    uint(e, "e");
    return this.memory.withBlock(MAX_ERROR_TEXT_BYTES, (text) => {
      this.c.ERR_error_string_n(e, text, MAX_ERROR_TEXT_BYTES);
      return this.memory.readString(text) ?? "";
    });
  }

  /** Returns the name of the library of an error, or `null` if it is unknown. */
  ERR_lib_error_string(e: number): string | null {
    return this.memory.readString(this.c.ERR_lib_error_string(uint(e, "e")));
  }

  /** Returns the text of the reason of an error, or `null` if it is unknown. */
  ERR_reason_error_string(e: number): string | null {
    return this.memory.readString(this.c.ERR_reason_error_string(uint(e, "e")));
  }
}
