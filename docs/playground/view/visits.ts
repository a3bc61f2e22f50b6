/// <reference lib="dom" />
import type { TlsSession } from "../../../mod.ts";
import { explain, type Verdict } from "../model/explanation.ts";
import { DELAY_MS } from "../model/plan.ts";
import type { Visit } from "../model/run.ts";
import { byId, h } from "./dom.ts";
import { drawLadder } from "./ladder.ts";
import { rowsOf } from "./ladder_rows.ts";

const SIGNS: Readonly<Record<Verdict, string>> = {
  resumed: "↻",
  full: "●",
  failed: "✕",
};
const LADDER_TEXT_WIDTH = 80;

/** The connections of the page, of which one is shown. */
export class VisitsView {
  readonly #list = byId("visits", "ol");
  readonly #verdict = byId("verdict", "div");
  readonly #ladder = byId("ladder", "div");
  readonly #text = byId("ladder-text", "pre");
  #visits: Visit[] = [];
  #selected: Visit | undefined;
  #width = 0;

  /** Draws the ladder again when its room changes. */
  constructor() {
    new globalThis.ResizeObserver(() => {
      if (this.#ladder.clientWidth !== this.#width) this.#draw(false);
    }).observe(this.#ladder);
  }

  /** The connection that is shown. */
  get selected(): Visit | undefined {
    return this.#selected;
  }

  /** The newest session that a client has. */
  get session(): TlsSession | undefined {
    return this.#visits.map(({ pair, session }) =>
      pair.client.session ?? session
    ).findLast((session) => session !== null) ?? undefined;
  }

  /** Forgets the connections. */
  clear(): void {
    this.#visits = [];
    this.#selected = undefined;
    this.#list.replaceChildren();
    this.#ladder.replaceChildren();
    this.#text.textContent = "";
    this.#verdict.replaceChildren(
      h("p", { class: "muted" }, "No connection yet: press Connect."),
    );
  }

  /** Adds connections, and shows the last. */
  add(visits: readonly Visit[]): void {
    const last = visits.at(-1);
    if (last === undefined) return;
    this.#visits.push(...visits);
    this.#list.append(...visits.map((visit) => this.#item(visit)));
    this.#select(last);
  }

  /** Says something in place of a verdict. */
  say(text: string): void {
    this.#verdict.replaceChildren(h("p", {}, text));
  }

  #item(visit: Visit): HTMLLIElement {
    const { number, server, replays } = visit.plan;
    const { verdict } = explain(visit);
    const kind = replays === null ? verdict : "replay";
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `visit ${verdict}`,
          "data-number": number,
          "aria-label":
            `Connection ${number} to server ${server.name}: ${kind}`,
          onclick: () => this.#select(visit),
        },
        h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]),
        `${number} → ${server.name} `,
        h("span", { class: "muted" }, kind),
      ),
    );
  }

  #select(visit: Visit): void {
    this.#selected = visit;
    for (const button of this.#list.querySelectorAll("button")) {
      const isSelected = button.dataset["number"] === String(visit.plan.number);
      button.setAttribute("aria-current", String(isSelected));
    }
    const { verdict, title, text, term } = explain(visit);
    this.#verdict.replaceChildren(
      h(
        "div",
        { class: `verdict ${verdict}` },
        h(
          "p",
          { class: "verdict-title" },
          h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]),
          title,
        ),
        h("p", {}, text),
        h("p", { class: "terms" }, h("code", {}, term), ...negotiated(visit)),
      ),
    );
    this.#text.textContent = visit.trace.toLadder({ width: LADDER_TEXT_WIDTH });
    this.#draw(true);
  }

  #draw(isAnimated: boolean): void {
    const visit = this.#selected;
    this.#width = this.#ladder.clientWidth;
    if (visit === undefined || this.#width === 0) return;
    const { number, server } = visit.plan;
    const drawing = drawLadder(
      rowsOf({ ...visit, delay: DELAY_MS }),
      this.#width,
      `Ladder of connection ${number} to server ${server.name}. The ladder as text follows.`,
    );
    drawing.classList.toggle("animated", isAnimated);
    this.#ladder.replaceChildren(drawing);
  }
}

/** The parameters that were negotiated. */
function negotiated({ pair, plan }: Visit): HTMLElement[] {
  const info = pair.server.info ?? pair.client.info;
  if (info === null) return [];
  return [plan.hostname, info.protocol, info.cipher, info.group]
    .filter((fact) => fact !== null)
    .map((fact) => h("code", {}, fact));
}
