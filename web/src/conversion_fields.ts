// The fields that say what a conversion shall make: the format and what that format takes.
import type { ConversionRequest, TargetFormat } from "./api";
import { optionGroups, tagPrefix, type OptionGroup } from "./conversion_options";
import { OptionField } from "./option_field";
import { clone, cloneElement, get } from "./page";
import { onLanguageChange, setText } from "./text";

// What the page shows of every conversion.
const analysis = "waveform,loudness";

export class ConversionFields {
  readonly #formats: TargetFormat[];
  readonly #format: HTMLSelectElement;
  readonly #formatHelp: HTMLElement;
  readonly #groups: { element: HTMLElement; fields: OptionField[] }[];

  /** Fills `root`. `prefix` keeps the ids of several of these apart. */
  constructor(root: HTMLElement, prefix: string, formats: TargetFormat[]) {
    this.#formats = formats;
    root.replaceChildren(clone("conversion"));
    this.#format = get(root, "[name=newFormat]", HTMLSelectElement);
    this.#formatHelp = get(root, ".help", HTMLElement);
    this.#format.id = `${prefix}-newFormat`;
    this.#formatHelp.id = `${prefix}-newFormat-help`;
    this.#format.setAttribute("aria-describedby", this.#formatHelp.id);
    get(root, "label", HTMLLabelElement).htmlFor = this.#format.id;
    this.#format.replaceChildren(...formats.map(({ name, title }) => new Option(title, name)));

    this.#groups = optionGroups.map((group) => makeGroup(group, prefix));
    const details = get(root, "details", HTMLDetailsElement);
    details.append(...this.#groups.map(({ element }) => element));
    // A browser that finds a number out of its range can't show where in what is closed.
    details.addEventListener("invalid", () => (details.open = true), true);
    this.#format.addEventListener("change", () => this.#followFormat());
    onLanguageChange(() => this.#followFormat());
    this.#followFormat();
  }

  /** Shows what was asked for: the first format whose results have that extension, and the options. */
  show(extension: string, options: Record<string, unknown>): void {
    const format = this.#formats.find((candidate) => candidate.extension === extension);
    if (format) this.#format.value = format.name;
    const tags = (options["metadata"] ?? {}) as Record<string, unknown>;
    // First what the format offers, then what is chosen of it.
    this.#followFormat();
    for (const field of this.#fields()) {
      const { name } = field.option;
      field.show(name.startsWith(tagPrefix) ? tags[name.slice(tagPrefix.length)] : options[name]);
    }
  }

  request(): ConversionRequest {
    const request: ConversionRequest = { newFormat: this.#chosen().name, analysis };
    const tags: Record<string, string> = {};
    for (const field of this.#fields()) {
      const { name } = field.option;
      const value = field.value();
      if (value === "") continue;
      if (name.startsWith(tagPrefix)) tags[name.slice(tagPrefix.length)] = value;
      else request[name] = value;
    }
    if (Object.keys(tags).length > 0) request["metadata"] = tags;
    return request;
  }

  #fields(): OptionField[] {
    return this.#groups.flatMap(({ fields }) => fields);
  }

  #chosen(): TargetFormat {
    const format = this.#formats[this.#format.selectedIndex];
    if (format === undefined) throw new Error("no format is chosen");
    return format;
  }

  #followFormat(): void {
    const format = this.#chosen();
    setText(this.#formatHelp, format.lossless ? "losslessHelp" : "lossyHelp", { encoding: format.defaultEncoding });
    for (const { element, fields } of this.#groups) {
      for (const field of fields) field.follow(format);
      element.hidden = fields.every((field) => field.element.hidden);
    }
  }
}

function makeGroup(group: OptionGroup, prefix: string): { element: HTMLElement; fields: OptionField[] } {
  const element = cloneElement("option-group");
  const fields = group.options.map((option) => new OptionField(option, prefix));
  setText(get(element, "legend", HTMLElement), group.title);
  if (group.help) setText(get(element, ".help", HTMLElement), group.help);
  get(element, ".grid", HTMLElement).append(...fields.map((field) => field.element));
  return { element, fields };
}
