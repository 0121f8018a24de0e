// What is to know of a result: its sound, seen and heard, what was measured, and what became of tags, pictures and chapters.
import { Problem, wordsOf, type Api, type Loudness, type Output, type Report, type ReportItem, type Task } from "./api";
import { get, showIn } from "./page";
import { say, setLabel, type Text } from "./text";
import { showLevel, showNumber, showPosition, showSize } from "./units";
import { drawWaveform } from "./waveform";

const conflict = 409;

export class TaskReport {
  readonly #details: HTMLDetailsElement;
  readonly #api: Api;
  readonly #sound: HTMLElement;
  readonly #audio: HTMLAudioElement;
  #task: Task | null = null;
  // The result whose sound is shown, or on its way.
  #shown: string | null = null;
  #takeAway = () => {};

  constructor(details: HTMLDetailsElement, api: Api) {
    this.#details = details;
    this.#api = api;
    this.#sound = get(details, ".sound", HTMLElement);
    this.#audio = get(details, "audio", HTMLAudioElement);
    this.#audio.addEventListener("error", () => {
      this.#audio.hidden = true;
      this.#hint(say("cannotPlay"));
    });
    details.addEventListener("toggle", () => {
      if (!details.open) this.#audio.pause();
      void this.#followOpening();
    });
  }

  show(task: Task): void {
    this.#task = task.state === "PROCESSED" && task.report !== null && task.result !== null ? task : null;
    this.#details.hidden = this.#task === null;
    const report = this.#task?.report ?? {};
    const losses = lossesOf(report);
    get(this.#details, "summary", HTMLElement).textContent =
      losses.length === 0 ? say("report") : say("reportWithLosses", { count: losses.length });
    get(this.#details, "dl", HTMLElement).replaceChildren(...factsOf(task).flatMap(([fact, words]) =>
      [elementOf("dt", say(fact)), elementOf("dd", words)]));
    get(this.#details, "ul", HTMLElement).replaceChildren(
      ...[...losses, ...changesOf(report)].map((line) => elementOf("li", line)), ...(report.notes ?? []).map(noteOf));
    setLabel(this.#audio, "soundOf", { name: task.name });
    void this.#followOpening();
  }

  // The sound is asked for when the details are opened, and once.
  async #followOpening(): Promise<void> {
    const wanted = this.#task?.result && this.#details.open ? `${this.#task.id} ${this.#task.result.sha256}` : null;
    if (this.#task !== null && (wanted === null || wanted === this.#shown)) return;
    this.#shown = wanted;
    this.#takeAway();
    this.#takeAway = () => {};
    this.#audio.removeAttribute("src");
    this.#sound.hidden = true;
    const waveform = this.#task?.links.waveform;
    if (this.#task === null || !waveform) return;
    try {
      const peaks = await this.#api.peaks(waveform);
      if (wanted !== this.#shown) return;
      this.#hint(hasOtherLevel(this.#task) ? say("drawnAsOriginal") : "");
      this.#sound.hidden = false;
      // An archive of chapters is drawn, but not played.
      this.#audio.hidden = this.#task.result?.mimeType === "application/zip";
      if (!this.#audio.hidden) this.#audio.src = this.#api.downloadPath(this.#task.id, "result");
      const takeAway = await drawWaveform(get(this.#sound, ".wave", HTMLElement), this.#audio, peaks);
      if (wanted === this.#shown) this.#takeAway = takeAway;
      else takeAway();
    } catch (problem) {
      // Converted again meanwhile: the next result has its own.
      if (!(problem instanceof Problem && problem.status === conflict)) this.#hint(wordsOf(problem));
    }
  }

  #hint(words: string): void {
    showIn(get(this.#sound, ".help", HTMLElement), words);
    if (words !== "") this.#sound.hidden = false;
  }
}

function elementOf(name: "dt" | "dd" | "li", text: string): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** Notes are in the server's words. */
function noteOf(note: string): HTMLElement {
  const element = elementOf("li", note);
  element.lang = "en";
  return element;
}

function soundOf({ codec, sampleRate, channels, bitsPerSample }: Output): string {
  return [
    codec, sampleRate && say("hertz", { rate: showNumber(sampleRate) }), channels && say("channelCount", { count: channels }),
    bitsPerSample && say("bits", { count: bitsPerSample }),
  ].filter(Boolean).join(", ");
}

function loudnessOf(loudness: Loudness): string {
  const words = ([
    ["integrated", loudness.integrated], ["loudnessRange", loudness.range], ["truePeak", loudness.truePeak],
    ["dynamicRange", loudness.dynamicRange],
  ] as const).flatMap(([text, value]) => (value === null ? [] : [say(text, { value: showLevel(value) })]));
  return words.length === 0 ? say("silent") : words.join(", ");
}

/** Analyses are of the sound before that. */
function hasOtherLevel({ options }: Task): boolean {
  return ["gain", "loudness", "peak", "fadeIn", "fadeOut"].some((option) => option in options);
}

function factsOf(task: Task): [Text, string][] {
  const { output, analysis, ...report } = task.report ?? {};
  const size = task.result?.size;
  const facts: [Text, string][] = [];
  if (output) facts.push(["soundFact", soundOf(output)]);
  if (output?.duration !== undefined) facts.push(["length", showPosition(output.duration)]);
  if (size !== undefined) facts.push(["size", showSize(size)]);
  if (analysis?.loudness) facts.push([hasOtherLevel(task) ? "loudnessBefore" : "loudness", loudnessOf(analysis.loudness)]);
  if (output?.pcmMd5) facts.push(["verified", say("sameSamples", { md5: output.pcmMd5 })]);
  for (const kind of ["tags", "pictures"] as const) {
    for (const fate of ["kept", "added"] as const) {
      const names = namesOf(report[kind], fate);
      if (names.length > 0) facts.push([kind, say(fate, { names: names.join(", ") })]);
    }
  }
  // Of which there may be thousands.
  const chapters = namesOf(report.chapters, "kept").length;
  if (chapters > 0) facts.push(["chapters", say("keptCount", { count: chapters })]);
  return facts;
}

function namesOf(items: ReportItem[] | undefined, fate: ReportItem["fate"]): string[] {
  return (items ?? []).filter((item) => item.fate === fate).map(({ name }) => name ?? "");
}

function because(what: string, why: string | undefined): string {
  return why ? say("because", { what, why }) : what;
}

function linesOf(items: ReportItem[] | undefined, fate: ReportItem["fate"], text: Text): string[] {
  return (items ?? []).filter((item) => item.fate === fate).map(({ name, why }) => because(say(text, { name: name ?? "" }), why));
}

/** What a conversion lost, a sentence each. */
function lossesOf(report: Report): string[] {
  return [
    ...(report.losses ?? []).map(({ position, reason }) => because(say("lossAt", { time: showPosition(position ?? 0) }), reason)),
    ...linesOf(report.tags, "dropped", "droppedTag"),
    ...linesOf(report.pictures, "dropped", "droppedPicture"),
    ...linesOf(report.chapters, "dropped", "droppedChapter"),
  ];
}

function changesOf(report: Report): string[] {
  return [
    ...linesOf(report.tags, "mapped", "mappedTag"),
    ...linesOf(report.pictures, "mapped", "mappedPicture"),
    ...linesOf(report.chapters, "mapped", "mappedChapter"),
  ];
}
