// One conversion in the list.
import type { Api, Report, ReportItem, Task } from "./api";
import { cloneElement, get, showIn } from "./page";
import { say, setLabel, type Text } from "./text";
import { showDate, showPosition, showShare } from "./units";

export function isActive(task: Task): boolean {
  return task.state === "UPLOADED" || task.state === "PROCESSING";
}

export class TaskRow {
  readonly element = cloneElement("task");
  task: Task;
  readonly #api: Api;

  constructor(task: Task, api: Api, onAgain: (row: TaskRow) => void, onDelete: (row: TaskRow) => void) {
    this.task = task;
    this.#api = api;
    this.#button(".again").addEventListener("click", () => onAgain(this));
    this.#button(".remove").addEventListener("click", () => onDelete(this));
    this.show(task);
  }

  focus(): void {
    this.#part(".name").focus();
  }

  /** Shows the task as it is now. Elements stay, so that focus does. */
  show(task: Task): void {
    this.task = task;
    const { name } = task;
    const format = task.convertedExt.toUpperCase();
    this.element.dataset["state"] = task.state;
    this.#part(".name").textContent = name;
    this.#part(".formats").textContent = `${task.originalExt.toUpperCase()} → ${format}`;
    const time = get(this.element, "time", HTMLTimeElement);
    time.dateTime = task.timestamp;
    time.textContent = showDate(task.timestamp);

    const progress = get(this.element, "progress", HTMLProgressElement);
    progress.hidden = task.state !== "PROCESSING";
    progress.value = task.progress;
    setLabel(progress, "progressOf", { name });
    this.#showState();
    showIn(this.#part(".problem"), task.error !== null && task.state !== "PROCESSED" ? task.error.message : "");
    this.#showReport(task.state === "PROCESSED" ? task.report : null);

    const result = this.#link(".result", this.#api.downloadPath(task.id, "result"));
    result.hidden = task.result === null;
    setLabel(result, "downloadResultName", { name, format });
    setLabel(this.#link(".original", this.#api.downloadPath(task.id, "original")), "downloadOriginalName", { name });
    setLabel(this.#button(".again"), "againName", { name });
    setLabel(this.#button(".remove"), "deleteName", { name });
  }

  #showState(): void {
    const { state, attempts, progress } = this.task;
    const text: Text = state === "UPLOADED" && attempts > 0 ? "waitingAgain" : state;
    const share = state === "PROCESSING" && progress > 0 ? ` ${showShare(progress)}` : "";
    this.#part(".state").textContent = say(text) + share;
  }

  #showReport(report: Report | null): void {
    const lines = report === null ? [] : linesOf(report);
    const details = this.#part(".report");
    details.hidden = lines.length === 0;
    get(details, "ul", HTMLElement).replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
  }

  #part(selector: string): HTMLElement {
    return get(this.element, selector, HTMLElement);
  }

  #button(selector: string): HTMLButtonElement {
    return get(this.element, selector, HTMLButtonElement);
  }

  #link(selector: string, path: string): HTMLAnchorElement {
    const link = get(this.element, selector, HTMLAnchorElement);
    link.href = path;
    return link;
  }
}

/** What a conversion lost, a sentence each. */
function linesOf(report: Report): string[] {
  const because = (what: string, why: string | undefined) => (why ? say("because", { what, why }) : what);
  const dropped = (items: ReportItem[] | undefined, text: Text) =>
    (items ?? []).filter(({ fate }) => fate === "dropped").map(({ name, why }) => because(say(text, { name: name ?? "" }), why));
  const losses = (report.losses ?? []).map(({ position, reason }) =>
    because(say("lossAt", { time: showPosition(position ?? 0) }), reason));
  return [
    ...losses,
    ...dropped(report.tags, "droppedTag"),
    ...dropped(report.pictures, "droppedPicture"),
    ...dropped(report.chapters, "droppedChapter"),
  ];
}
