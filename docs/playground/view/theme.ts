/// <reference lib="dom" />
import { byId, document } from "./dom.ts";

const KEY = "sesame-theme";

/** Lets the visitor choose between light and dark, and remembers it. */
export function setUpTheme(): void {
  const select = byId("theme", "select");
  const show = (theme: string): void => {
    if (theme === "light" || theme === "dark") {
      document.documentElement.dataset["theme"] = theme;
    } else delete document.documentElement.dataset["theme"];
  };
  const stored = read();
  select.value = stored;
  show(stored);
  select.addEventListener("change", () => {
    show(select.value);
    write(select.value);
  });
}

/** A page without storage has the system's theme. */
function read(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    return "auto";
  }
}

function write(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It lasts as long as the page.
  }
}
