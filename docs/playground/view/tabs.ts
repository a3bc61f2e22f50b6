/// <reference lib="dom" />
import { byId } from "./dom.ts";

const NAMES = ["play", "explain"] as const;

/** The name of a tab. */
export type TabName = (typeof NAMES)[number];

/** The tabs of the page. */
export interface Tabs {
  /** Shows a tab. */
  select(name: TabName): void;
}

/** Makes the tabs work, by the arrow keys too (WAI-ARIA, "Tabs"). */
export function setUpTabs(): Tabs {
  const tabs = NAMES.map((name) => ({
    name,
    tab: byId(`tab-${name}`, "button"),
    panel: byId(`panel-${name}`, "div"),
  }));
  const select = (name: TabName): void => {
    for (const { name: other, tab, panel } of tabs) {
      const isSelected = other === name;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
  };
  tabs.forEach(({ name, tab }, i) => {
    tab.addEventListener("click", () => select(name));
    tab.addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const next = tabs[(i + 1) % tabs.length];
      if (next === undefined) return;
      select(next.name);
      next.tab.focus();
    });
  });
  return { select };
}
