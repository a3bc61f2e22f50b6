import process from "node:process";
// @ts-types="@types/cli-progress"
import cliProgress from "cli-progress";

const LINE_MS = 2_000;

/** A bar on standard error; where that is no terminal, a line every two seconds. */
export class Progress implements Disposable {
  readonly #bar: cliProgress.SingleBar;

  constructor(title: string, total: number, unit: string) {
    this.#bar = new cliProgress.SingleBar({
      format: `${title} [{bar}] {value}/{total} ${unit}  {note}`,
      formatValue: (value) => String(Math.round(value)),
      barCompleteChar: "#",
      barIncompleteChar: "-",
      barsize: 24,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: LINE_MS,
      hideCursor: true,
    });
    this.#bar.start(total, 0, { note: "" });
  }

  update(value: number, note: string): void {
    this.#bar.update(Math.min(value, this.#bar.getTotal()), { note });
  }

  [Symbol.dispose](): void {
    this.#bar.stop();
  }
}
