import {
  optionName,
  optionPathOf,
  withOptionPath,
} from "../internal/option_error.ts";

/** Has what fails name its options by their path, such as `options.server`. */
export function within<T>(path: string | readonly [], make: () => T): T {
  try {
    return withOptionPath(path, make);
  } catch (error) {
    if (optionPathOf(error) !== undefined) throw error;
    for (const Kind of [TypeError, RangeError]) {
      if (!(error instanceof Kind)) continue;
      const message = error.message.replaceAll(
        /\boptions(?=\.)/g,
        optionName([path].flat()),
      );
      throw new Kind(message, { cause: error });
    }
    throw error;
  }
}
