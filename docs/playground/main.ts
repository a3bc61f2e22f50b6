/// <reference lib="dom" />
/** The page: its tabs, its theme, and what its controls do. */
import { ExplainPanel } from "./view/explain_panel.ts";
import { PlayPanel } from "./view/play_panel.ts";
import { setUpTabs } from "./view/tabs.ts";
import { setUpTheme } from "./view/theme.ts";

setUpTheme();
const explain = new ExplainPanel();
const tabs = setUpTabs();
const play = new PlayPanel({
  explain: (capture) => {
    tabs.select("explain");
    explain.show(capture);
  },
});
explain.examples = () => play.examples();
await play.start();
performance.mark("sesame: first handshake");
