// Files on their way to the server, two at a time, each with its progress, and those that the server refused with its reason.
import { Problem, wordsOf, type Api, type ConversionRequest, type Task } from "./api";
import { announce, cloneElement, get, showIn } from "./page";
import { say, setLabel, setText } from "./text";
import { showSize } from "./units";

const atOnce = 2;
// What is wrong with these is wrong with one file.
const fileFields = new Set(["audio", "filename"]);

class Upload {
  readonly row = cloneElement("upload");
  readonly #state = get(this.row, ".state", HTMLElement);
  readonly #progress = get(this.row, "progress", HTMLProgressElement);
  readonly #retry = get(this.row, ".retry", HTMLButtonElement);
  readonly #stop = get(this.row, ".stop", HTMLButtonElement);
  readonly #abort = new AbortController();

  constructor(readonly file: File, readonly cover: File | null, readonly request: ConversionRequest, onStop: () => void, onRetry: () => void) {
    const name = file.name;
    get(this.row, ".name", HTMLElement).textContent = name;
    setText(this.#state, "queued");
    setLabel(this.#progress, "uploadOf", { name });
    setLabel(this.#stop, "cancelName", { name });
    setLabel(this.#retry, "tryAgainName", { name });
    this.#stop.addEventListener("click", () => {
      this.#abort.abort();
      onStop();
    });
    this.#retry.addEventListener("click", onRetry);
  }

  stop(): void {
    this.#abort.abort();
  }

  isStopped(): boolean {
    return this.#abort.signal.aborted;
  }

  send(api: Api): Promise<Task> {
    const { file, cover, request } = this;
    return api.upload({ file, cover, request, signal: this.#abort.signal, onProgress: (sent) => this.#showSent(sent) });
  }

  showRefused(why: string): void {
    this.#progress.hidden = true;
    this.#retry.hidden = false;
    this.row.classList.add("failed");
    setText(this.#state, "refused");
    setText(this.#stop, "dismiss");
    setLabel(this.#stop, "dismissName", { name: this.file.name });
    showIn(get(this.row, ".problem", HTMLElement), why);
  }

  // What is sent is a little more than the file: the form around it, and the cover.
  #showSent(sent: number): void {
    const part = Math.min(sent, this.file.size);
    this.#progress.value = this.file.size === 0 ? 1 : part / this.file.size;
    if (sent < this.file.size) setText(this.#state, "sending", { part: showSize(part), whole: showSize(this.file.size) });
    else setText(this.#state, "checking");
  }
}

export class Uploads {
  readonly #section = get(document, "#uploads", HTMLElement);
  readonly #list = get(this.#section, "ul", HTMLElement);
  readonly #api: Api;
  readonly #onTask: (task: Task) => void;
  readonly #onWrongFields: (file: File, problem: Problem) => void;
  #waiting: Upload[] = [];
  readonly #running = new Set<Upload>();

  /** `onTask` gets the task that each upload became, `onWrongFields` each file that was refused for what was asked of it. */
  constructor(api: Api, onTask: (task: Task) => void, onWrongFields: (file: File, problem: Problem) => void) {
    this.#api = api;
    this.#onTask = onTask;
    this.#onWrongFields = onWrongFields;
    window.addEventListener("beforeunload", (event) => {
      if (this.#running.size > 0) event.preventDefault();
    });
  }

  /** `cover` becomes the front cover of the result, if there is one. */
  add(file: File, cover: File | null, request: ConversionRequest): void {
    const upload = new Upload(file, cover, request, () => this.#remove(upload), () => {
      this.#remove(upload);
      this.add(file, cover, request);
    });
    this.#list.append(upload.row);
    this.#section.hidden = false;
    this.#waiting.push(upload);
    this.#startNext();
  }

  clear(): void {
    for (const upload of this.#running) upload.stop();
    this.#waiting = [];
    this.#list.replaceChildren();
    this.#section.hidden = true;
  }

  #startNext(): void {
    while (this.#running.size < atOnce) {
      const upload = this.#waiting.shift();
      if (upload === undefined) return;
      void this.#run(upload);
    }
  }

  async #run(upload: Upload): Promise<void> {
    this.#running.add(upload);
    const name = upload.file.name;
    try {
      const task = await upload.send(this.#api);
      this.#remove(upload);
      announce(say("uploadTaken", { name }));
      this.#onTask(task);
    } catch (problem) {
      if (upload.isStopped()) return;
      if (problem instanceof Problem && problem.fields.some(({ field }) => !fileFields.has(field))) {
        this.#remove(upload);
        this.#onWrongFields(upload.file, problem);
      } else {
        upload.showRefused(wordsOf(problem));
        announce(say("uploadRefused", { name, why: wordsOf(problem) }));
      }
    } finally {
      this.#running.delete(upload);
      this.#startNext();
    }
  }

  #remove(upload: Upload): void {
    const hadFocus = upload.row.contains(document.activeElement);
    this.#waiting = this.#waiting.filter((other) => other !== upload);
    upload.row.remove();
    this.#section.hidden = this.#list.childElementCount === 0;
    if (hadFocus) get(document, this.#section.hidden ? "#convert-title" : "#uploads-title", HTMLElement).focus();
  }
}
