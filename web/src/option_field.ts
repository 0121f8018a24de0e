// The field of one option, in the form that its row in the table asks for.
import type { TargetFormat } from "./api";
import type { ConversionOption } from "./conversion_options";
import { cloneElement, get } from "./page";
import { say, setText } from "./text";
import { showNumber } from "./units";

export class OptionField {
  readonly element = cloneElement("field");
  readonly option: ConversionOption;
  readonly #input: HTMLInputElement | HTMLSelectElement;
  readonly #help = get(this.element, ".help", HTMLElement);

  /** `prefix` keeps the ids of several forms apart. */
  constructor(option: ConversionOption, prefix: string) {
    this.option = option;
    this.#input = option.choices ? document.createElement("select") : makeInput(option);
    this.#input.name = option.name;
    this.#input.id = `${prefix}-${option.name}`;
    this.#help.id = `${this.#input.id}-help`;
    this.#input.setAttribute("aria-describedby", this.#help.id);
    const label = get(this.element, "label", HTMLLabelElement);
    label.htmlFor = this.#input.id;
    setText(label, option.label);
    label.after(this.#input);
  }

  /** Offers what the format takes, in the current language; a field that it has no use for goes. */
  follow(format: TargetFormat): void {
    const { option } = this;
    const range = option.range?.(format);
    const choices = option.choices?.(format);
    this.element.hidden = this.#input.disabled = range === null || choices?.length === 0 || option.isTaken?.(format) === false;
    const words = [option.help ? say(option.help) : "", option.formatHelp?.(format) ?? ""];
    if (range && this.#input instanceof HTMLInputElement) {
      const [low, high] = [range.min, range.max].map((value) => value / (option.unit ?? 1)) as [number, number];
      this.#input.min = String(low);
      this.#input.max = String(high);
      words.unshift(say("range", { low: showNumber(low), high: showNumber(high) }));
    }
    if (choices && this.#input instanceof HTMLSelectElement) {
      const chosen = this.#input.value;
      const all = [{ value: "", text: say(option.unset ?? "asSource") }, ...choices];
      this.#input.replaceChildren(...all.map(({ value, text }) => new Option(text, value)));
      this.#input.value = choices.some(({ value }) => value === chosen) ? chosen : "";
    }
    this.#help.textContent = words.filter((text) => text !== "").join(": ");
  }

  /** As the API takes it; empty where nothing is asked for. */
  value(): string {
    const value = this.#input.disabled ? "" : this.#input.value.trim();
    return value !== "" && this.option.unit ? String(Math.round(Number(value) * this.option.unit)) : value;
  }

  /** Shows what the API tells of an option; what this field can't hold leaves it empty. */
  show(value: unknown): void {
    if (typeof value === "number") this.#input.value = String(value / (this.option.unit ?? 1));
    else this.#input.value = typeof value === "string" || typeof value === "boolean" ? String(value) : "";
  }
}

function makeInput(option: ConversionOption): HTMLInputElement {
  const input = document.createElement("input");
  input.autocomplete = "off";
  input.spellcheck = false;
  input.placeholder = option.placeholder ?? "";
  if (option.range) {
    input.type = "number";
    input.step = "any";
  }
  return input;
}
