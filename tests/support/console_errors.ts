/** What an action prints by `console.error`. */
export async function consoleErrors(
  action: () => Promise<void>,
): Promise<unknown[]> {
  const { error } = console;
  const lines: unknown[] = [];
  console.error = (...line) => void lines.push(line);
  try {
    await action();
  } finally {
    console.error = error;
  }
  return lines;
}
