// The fields that say what a conversion shall make: the format and what that format takes.
import type { ConversionRequest, TargetFormat } from "./api";
import { clone, get } from "./page";
import { onLanguageChange, say, setText, type Text } from "./text";
import { showNumber } from "./units";

const commonSampleRates = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000];
const channelNames: Record<number, Text> = { 1: "mono", 2: "stereo" };

export class ConversionFields {
  readonly #root: HTMLElement;
  readonly #formats: TargetFormat[];

  /** Fills `root`. `prefix` keeps the ids of several of these apart. */
  constructor(root: HTMLElement, prefix: string, formats: TargetFormat[]) {
    this.#root = root;
    this.#formats = formats;
    root.replaceChildren(clone("conversion"));
    for (const field of root.querySelectorAll(".field")) connect(field, prefix);
    const format = this.#select("newFormat");
    format.replaceChildren(...formats.map(({ name, title }) => new Option(title, name)));
    format.addEventListener("change", () => this.#followFormat());
    this.#select("encoding").addEventListener("change", () => this.#followEncoding());
    onLanguageChange(() => this.#followFormat());
    this.#followFormat();
  }

  /** Chooses the first format whose results have that extension. */
  choose(extension: string): void {
    const format = this.#formats.find((candidate) => candidate.extension === extension);
    if (format) this.#select("newFormat").value = format.name;
    this.#followFormat();
  }

  request(): ConversionRequest {
    const request: ConversionRequest = { newFormat: this.#format().name };
    for (const name of ["bitrate", "quality", "sampleRate", "channels", "start", "end"]) {
      const input = this.#input(name);
      const value = input.value.trim();
      if (value === "" || fieldOf(input).hidden) continue;
      request[name] = name === "bitrate" ? `${value}k` : value;
    }
    return request;
  }

  #format(): TargetFormat {
    const format = this.#formats[this.#select("newFormat").selectedIndex];
    if (format === undefined) throw new Error("no format is chosen");
    return format;
  }

  #followFormat(): void {
    const format = this.#format();
    setText(helpOf(this.#select("newFormat")), format.lossless ? "losslessHelp" : "lossyHelp", { encoding: format.defaultEncoding });

    const encoding = this.#select("encoding");
    fieldOf(encoding).hidden = format.bitrate === null && format.quality === null;
    for (const option of encoding.options) {
      option.hidden = option.disabled = (option.value === "bitrate" && !format.bitrate) || (option.value === "quality" && !format.quality);
      if (option.disabled && option.selected) encoding.value = "";
    }
    this.#followEncoding();

    const { min, max } = format.sampleRateRange;
    const rates = format.sampleRates.length > 0 ? format.sampleRates : commonSampleRates.filter((rate) => min <= rate && rate <= max);
    refill(this.#select("sampleRate"), rates, (rate) => `${showNumber(rate)} Hz`);
    const channels = Array.from({ length: format.maxChannels }, (_, index) => index + 1);
    refill(this.#select("channels"), channels, (count) => (channelNames[count] ? say(channelNames[count]) : String(count)));
  }

  #followEncoding(): void {
    const format = this.#format();
    const kind = this.#select("encoding").value;
    const bitrate = this.#input("bitrate");
    fieldOf(bitrate).hidden = kind !== "bitrate";
    limit(bitrate, kind === "bitrate" ? format.bitrate : null, 1000, "");
    const quality = this.#input("quality");
    fieldOf(quality).hidden = kind !== "quality";
    limit(quality, kind === "quality" ? format.quality : null, 1, format.qualityHelp);
  }

  #select(name: string): HTMLSelectElement {
    return get(this.#root, `[name=${name}]`, HTMLSelectElement);
  }

  #input(name: string): HTMLInputElement | HTMLSelectElement {
    return this.#root.querySelector(`[name=${name}]`) as HTMLInputElement | HTMLSelectElement;
  }
}

/** Ties a field's label and help to its input. */
function connect(field: Element, prefix: string): void {
  const input = field.querySelector("input, select") as HTMLInputElement | HTMLSelectElement;
  input.id = `${prefix}-${input.name}`;
  get(field, "label", HTMLLabelElement).htmlFor = input.id;
  const help = helpOf(input);
  help.id = `${input.id}-help`;
  input.setAttribute("aria-describedby", help.id);
}

function fieldOf(input: Element): HTMLElement {
  return input.closest(".field") as HTMLElement;
}

function helpOf(input: Element): HTMLElement {
  return get(fieldOf(input), ".help", HTMLElement);
}

/** Sets an input's range; without one it is not in use and must not hold the form back. */
function limit(input: Element, range: { min: number; max: number } | null, unit: number, help: string): void {
  if (!(input instanceof HTMLInputElement)) return;
  input.disabled = range === null;
  input.required = range !== null;
  if (range === null) return;
  input.min = String(range.min / unit);
  input.max = String(range.max / unit);
  setText(helpOf(input), help === "" ? "range" : "rangeHelp",
          { low: showNumber(range.min / unit), high: showNumber(range.max / unit), help });
}

/** Offers "as in the source" and the values, and keeps the choice where it is still offered. */
function refill(select: HTMLSelectElement, values: number[], show: (value: number) => string): void {
  const chosen = select.value;
  const source = new Option("", "");
  setText(source, "asSource");
  select.replaceChildren(source, ...values.map((value) => new Option(show(value), String(value))));
  select.value = values.map(String).includes(chosen) ? chosen : "";
}
