// The page's elements: finding them, cloning templates, telling what happened.
import { translate } from "./text";

/** The one element of that kind below `root`: its absence is a fault of the page. */
export function get<E extends Element>(root: ParentNode, selector: string, type: new () => E): E {
  const element = root.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`no ${type.name} ${selector}`);
  return element;
}

/** A copy of a template's content in the current language. */
export function clone(template: string): DocumentFragment {
  const copy = get(document, `#${template}-template`, HTMLTemplateElement).content.cloneNode(true) as DocumentFragment;
  translate(copy);
  return copy;
}

/** The first element of a template's copy. */
export function cloneElement(template: string): HTMLElement {
  return clone(template).firstElementChild as HTMLElement;
}

/** Shows `text` in `element`, or hides it when there is none. Texts of others only ever get in here as text, never as HTML. */
export function showIn(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** Tells people who hear the page what they can't see happen. */
export function announce(text: string): void {
  get(document, "#announcer", HTMLElement).textContent = text;
}
