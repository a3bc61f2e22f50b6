/// <reference lib="dom" />
import { explainBytes } from "../explain/explain.ts";
import { bytesOfText } from "../explain/input.ts";
import { byId } from "./dom.ts";
import { explainedView } from "./explained.ts";

/** Things to explain, of the connections that the page has made. */
export interface Examples {
  readonly hello: Uint8Array;
  readonly session: string;
  readonly capture: Uint8Array;
}

/** The tab that explains what is pasted. */
export class ExplainPanel {
  /** Returns examples, or `undefined` as long as there are none. */
  examples: () => Examples | undefined = () => undefined;
  readonly #input = byId("input", "textarea");
  readonly #output = byId("explained", "div");

  /** Makes the controls of the tab work. */
  constructor() {
    byId("explain-form", "form").addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        this.#explain(bytesOfText(this.#input.value));
      },
    );
    const file = byId("file", "input");
    file.addEventListener("change", () => {
      const [chosen] = file.files ?? [];
      if (chosen) this.#open(chosen);
      file.value = "";
    });
    const panel = byId("panel-explain", "div");
    panel.addEventListener("dragover", (event) => event.preventDefault());
    panel.addEventListener("drop", (event) => {
      event.preventDefault();
      const [dropped] = event.dataTransfer?.files ?? [];
      if (dropped) this.#open(dropped);
    });
    this.#example("hello", ({ hello }) => hello.toHex());
    this.#example("session", ({ session }) => session);
    this.#example("capture", ({ capture }) => capture.toBase64());
  }

  /** Explains bytes, which the text shows too. */
  show(bytes: Uint8Array): void {
    this.#input.value = bytes.toBase64();
    this.#explain(bytes);
  }

  #example(name: string, text: (examples: Examples) => string): void {
    byId(`example-${name}`, "button").addEventListener("click", () => {
      const examples = this.examples();
      if (examples === undefined) return;
      this.#input.value = text(examples);
      this.#explain(bytesOfText(this.#input.value));
    });
  }

  async #open(file: File): Promise<void> {
    this.#input.value = "";
    this.#explain(new Uint8Array(await file.arrayBuffer()));
  }

  #explain(bytes: Uint8Array): void {
    const width = this.#output.clientWidth;
    this.#output.replaceChildren(explainedView(explainBytes(bytes), width));
  }
}
