/// <reference lib="dom" />
/** Elements from data: text never becomes markup. */

/** The page. */
export const { document } = globalThis;

type Child = Node | string | null | undefined | false | readonly Child[];
type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | EventListener>
>;

/** Makes an element of HTML. A function is a listener of the event that its name has after `on`. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** Makes an element of SVG. */
export function s<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** The element with an id, which the page has. */
export function byId<Tag extends keyof HTMLElementTagNameMap>(
  id: string,
  tag: Tag,
): HTMLElementTagNameMap[Tag] {
  const element = document.querySelector<HTMLElementTagNameMap[Tag]>(
    `${tag}#${id}`,
  );
  if (element) return element;
  throw new TypeError(`The page has no ${tag} with the id ${id}`);
}

function fill(
  element: Element,
  attributes: Attributes,
  children: readonly Child[],
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, String(value));
    }
  }
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (isList(child)) append(element, child);
    else if (child) element.append(child);
  }
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child);
}
