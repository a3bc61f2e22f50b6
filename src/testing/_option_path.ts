/** Has what fails name its options by their path, such as `options.server`. */
export function within<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    for (const Kind of [TypeError, RangeError]) {
      if (!(error instanceof Kind)) continue;
      const message = error.message.replaceAll(/\boptions(?=\.)/g, path);
      throw new Kind(message, { cause: error });
    }
    throw error;
  }
}
