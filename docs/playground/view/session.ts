/// <reference lib="dom" />
import { factFields, sessionFacts } from "../../../src/cli/session/facts.ts";
import type { FoundSession } from "../../../src/cli/session/session_file.ts";
import { h } from "./dom.ts";

/** The fields of a session, with its master key hidden until somebody asks for it. */
export function sessionFields(
  found: FoundSession,
  now: number,
): HTMLDListElement {
  const fields = factFields(sessionFacts(found, false), now);
  return h(
    "dl",
    { class: "facts" },
    ...fields.flatMap(([name, value]) => [
      h("dt", {}, name),
      h("dd", {}, value),
    ]),
    h("dt", {}, "master key"),
    h("dd", {}, secret(() => sessionFacts(found, true).masterKey ?? "none")),
  );
}

/** A secret behind a button. */
export function secret(read: () => string): HTMLElement {
  const text = h("code", { class: "secret" }, "••••••••••••••••");
  const button = h("button", {
    type: "button",
    class: "small",
    "aria-pressed": "false",
    onclick: () => {
      const isShown = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!isShown));
      button.textContent = isShown ? "Reveal" : "Hide";
      text.textContent = isShown ? "••••••••••••••••" : read();
    },
  }, "Reveal");
  return h("span", { class: "with-button" }, text, " ", button);
}
