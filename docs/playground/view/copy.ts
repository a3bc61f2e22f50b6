/// <reference lib="dom" />
import { document } from "./dom.ts";

/** How long a button says what it did, in milliseconds. */
const SAID_MS = 1600;

/** Makes a button copy a text, and say so. */
export function copies(button: HTMLButtonElement, text: () => string): void {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    button.textContent = await copied(text()) ? "Copied" : "Can't copy";
    setTimeout(() => button.textContent = label, SAID_MS);
  });
}

/** Offers a file to be saved. */
export function save(name: string, bytes: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without permission, or not in a secure context.
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
