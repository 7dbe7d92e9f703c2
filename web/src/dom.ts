// A tiny way to make elements.

type Child = Node | string | number | null | undefined | false;
type Handler = (event: Event) => void;

/** Make an element: "div.card#id", attributes (functions become listeners), children. */
export function h(spec: string, attributes: Record<string, string | number | boolean | Handler | undefined> = {}, ...children: Child[]): HTMLElement {
  const [, tag, rest] = /^([a-z0-9]*)(.*)$/.exec(spec) ?? [];
  const element = document.createElement(tag || "div");
  for (const part of rest?.match(/[.#][^.#]+/g) ?? []) {
    if (part.startsWith(".")) element.classList.add(part.slice(1));
    else element.id = part.slice(1);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  put(element, ...children);
  return element;
}

/** Replace what an element holds. */
export function put(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((c): c is Node | string | number => c !== null && c !== undefined && c !== false).map((c) => (c instanceof Node ? c : String(c))));
}

/** Set an element's text, touching the page only where it changes. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Find what the page is known to hold. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}
