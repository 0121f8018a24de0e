// One conversion in the list.
import type { Api, Task } from "./api";
import { cloneElement, get, showIn } from "./page";
import { TaskReport } from "./task_report";
import { say, setLabel, type Text } from "./text";
import { showDate, showShare } from "./units";

export function isActive(task: Task): boolean {
  return task.state === "UPLOADED" || task.state === "PROCESSING";
}

export class TaskRow {
  readonly element = cloneElement("task");
  task: Task;
  readonly #api: Api;
  readonly #report: TaskReport;

  constructor(task: Task, api: Api, onAgain: (row: TaskRow) => void, onDelete: (row: TaskRow) => void) {
    this.task = task;
    this.#api = api;
    this.#report = new TaskReport(get(this.element, ".report", HTMLDetailsElement), api);
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
    this.#report.show(task);

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
