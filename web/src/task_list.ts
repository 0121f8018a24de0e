// The conversions, newest first, page by page, and kept up to date: by the server's events, and by asking while none come.
import { Problem, wordsOf, type Api, type Task, type TaskEvent, type TaskState } from "./api";
import { Events } from "./events";
import { announce, get, showIn } from "./page";
import { onLanguageChange, say } from "./text";
import { isActive, TaskRow } from "./task_row";

const pageSize = 20;
const mostAtOnce = 100;
const oneByOne = 5;
const shortestPause = 300;
const longestPause = 3000;

export class TaskList {
  readonly #section = get(document, "#tasks", HTMLElement);
  readonly #list = get(this.#section, "ul", HTMLElement);
  readonly #more = get(this.#section, "#more", HTMLButtonElement);
  readonly #problem = get(this.#section, ".problem", HTMLElement);
  readonly #api: Api;
  readonly #onAgain: (row: TaskRow) => void;
  readonly #onDelete: (row: TaskRow) => void;
  readonly #rows = new Map<string, TaskRow>();
  readonly #events: Events;
  // Events come: no need to ask.
  #isLive = false;
  // Of these more has changed than the event said.
  readonly #stale = new Set<string>();
  #isRefreshing = false;
  #next: string | null = null;
  #pause = shortestPause;
  #timer: number | undefined;
  #isLoaded = false;
  // Raised by clear(): what was asked for before it is not shown after it.
  #round = 0;

  constructor(api: Api, onAgain: (row: TaskRow) => void, onDelete: (row: TaskRow) => void) {
    this.#api = api;
    this.#onAgain = onAgain;
    this.#onDelete = onDelete;
    this.#more.addEventListener("click", () => void this.#showMore());
    onLanguageChange(() => this.#rows.forEach((row) => row.show(row.task)));
    this.#events = new Events(api, (event) => this.#hear(event), (isLive) => this.#setLive(isLive));
    // A browser has six connections to a server, and a stream takes one: only what somebody looks at keeps it.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        this.#events.stop();
        this.#isLive = false;
      } else if (this.#isLoaded) {
        this.#events.start();
        this.#pollSoon();
      }
    });
  }

  async load(): Promise<void> {
    const round = this.#round;
    const page = await this.#api.newestTasks(pageSize);
    if (round !== this.#round) return;
    for (const task of page.tasks) this.#put(task);
    this.#setNext(page.next);
    this.#showEmptiness();
    this.#isLoaded = true;
    if (!document.hidden) this.#events.start();
    this.#schedule();
  }

  clear(): void {
    ++this.#round;
    this.#isLoaded = this.#isLive = false;
    this.#events.forget();
    this.#stale.clear();
    clearTimeout(this.#timer);
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#setNext(null);
    showIn(this.#problem, "");
  }

  /** Shows a task that is new or was changed from here. */
  show(task: Task): void {
    this.#put(task);
    this.#showEmptiness();
    this.#pollSoon();
  }

  /** Takes a row away; focus goes to the one below it, else to the list's title. */
  remove(row: TaskRow): void {
    const below = row.element.nextElementSibling;
    this.#rows.delete(row.task.id);
    row.element.remove();
    this.#showEmptiness();
    get(below ?? this.#section, below ? ".name" : "h2", HTMLElement).focus();
  }

  /** True when something new was seen. */
  #put(task: Task): boolean {
    const row = this.#rows.get(task.id);
    if (row === undefined) {
      this.#insert(new TaskRow(task, this.#api, this.#onAgain, this.#onDelete));
      return true;
    }
    const before = row.task;
    if (JSON.stringify(before) === JSON.stringify(task)) return false;
    row.show(task);
    if (before.state !== task.state) announceState(task);
    return true;
  }

  // Ids of version 7 sort by the time of their making.
  #insert(row: TaskRow): void {
    const older = [...this.#rows.values()].filter(({ task }) => task.id < row.task.id);
    const below = older.reduce<TaskRow | null>((newest, other) => (newest && newest.task.id > other.task.id ? newest : other), null);
    this.#list.insertBefore(row.element, below?.element ?? null);
    this.#rows.set(row.task.id, row);
  }

  async #showMore(): Promise<void> {
    if (this.#next === null) return;
    try {
      const page = await this.#api.taskPage(this.#next);
      for (const task of page.tasks) this.#put(task);
      this.#setNext(page.next);
      showIn(this.#problem, "");
      const first = page.tasks[0];
      if (first) this.#rows.get(first.id)?.focus();
      this.#schedule();
    } catch (problem) {
      showIn(this.#problem, wordsOf(problem));
    }
  }

  #setNext(next: string | null): void {
    this.#next = next;
    this.#more.hidden = next === null;
  }

  #showEmptiness(): void {
    get(this.#section, ".empty", HTMLElement).hidden = this.#rows.size > 0;
  }

  #pollSoon(): void {
    this.#pause = shortestPause;
    this.#schedule();
  }

  #activeRows(): TaskRow[] {
    return [...this.#rows.values()].filter(({ task }) => isActive(task));
  }

  #setLive(isLive: boolean): void {
    this.#isLive = isLive;
    // What happened before the first event is not told.
    if (isLive) void this.#poll();
    else this.#pollSoon();
  }

  #hear(event: TaskEvent): void {
    const row = this.#rows.get(event.id);
    if (event.state === "CANCELED") {
      if (row) this.#drop(row);
    } else if (row && event.state === "PROCESSING") {
      this.#put({ ...row.task, ...event });
    } else if (row || this.#next === null || this.#isAmongShown(event.id)) {
      this.#stale.add(event.id);
      void this.#refresh();
    }
  }

  #isAmongShown(id: string): boolean {
    return [...this.#rows.keys()].some((shown) => shown < id);
  }

  /** Asks for what has changed, some at a time; who of many asks for many at once. */
  async #refresh(): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const round = this.#round;
    try {
      while (this.#stale.size > 0 && round === this.#round) {
        const ids = [...this.#stale];
        if (ids.length > oneByOne) {
          this.#stale.clear();
          const { tasks } = await this.#api.newestTasks(mostAtOnce);
          if (round !== this.#round) return;
          const seen = new Set(tasks.map(({ id }) => id));
          for (const task of tasks) if (this.#rows.has(task.id) || ids.includes(task.id)) this.#put(task);
          for (const id of ids.filter((unseen) => !seen.has(unseen)).slice(0, oneByOne)) await this.#ask(id, round);
        } else {
          this.#stale.clear();
          await Promise.all(ids.map((id) => this.#ask(id, round)));
        }
        this.#showEmptiness();
      }
      showIn(this.#problem, "");
    } catch (problem) {
      if (round === this.#round) {
        showIn(this.#problem, wordsOf(problem));
        this.#isLive = false;
        this.#pollSoon();
      }
    } finally {
      this.#isRefreshing = false;
    }
  }

  async #ask(id: string, round: number): Promise<void> {
    const row = this.#rows.get(id);
    const task = await this.#find(id);
    if (round !== this.#round) return;
    if (task !== null) this.#put(task);
    else if (row) this.#drop(row);
  }

  // Asks often while things change, less often while they don't, and not at all when events tell, nothing runs or nobody looks.
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isLive || document.hidden || this.#activeRows().length === 0) return;
    this.#timer = setTimeout(() => void this.#poll(), this.#pause);
  }

  async #poll(): Promise<void> {
    const round = this.#round;
    let changed = false;
    try {
      const { tasks } = await this.#api.newestTasks(Math.min(mostAtOnce, Math.max(pageSize, this.#rows.size)));
      const seen = new Set(tasks.map(({ id }) => id));
      const unseen = this.#activeRows().filter(({ task }) => !seen.has(task.id)).slice(0, oneByOne);
      const others = await Promise.all(unseen.map((row) => this.#lookUp(row)));
      if (round !== this.#round) return;
      for (const task of [...tasks, ...others]) {
        if (task !== null && this.#put(task)) changed = true;
      }
      showIn(this.#problem, "");
    } catch (problem) {
      if (round !== this.#round) return;
      showIn(this.#problem, wordsOf(problem));
    }
    this.#pause = changed ? shortestPause : Math.min(longestPause, this.#pause * 1.5);
    this.#schedule();
  }

  /** The task of an active row that the list no longer shows; a row that somebody else deleted goes. */
  async #lookUp(row: TaskRow): Promise<Task | null> {
    const task = await this.#find(row.task.id);
    if (task === null) this.#drop(row);
    return task;
  }

  async #find(id: string): Promise<Task | null> {
    try {
      return await this.#api.task(id);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
      return null;
    }
  }

  #drop(row: TaskRow): void {
    this.#rows.delete(row.task.id);
    row.element.remove();
    this.#showEmptiness();
  }
}

function announceState(task: Task): void {
  const spoken: Partial<Record<TaskState, () => string>> = {
    PROCESSED: () => say("convertedNow", { name: task.name }),
    FAILED: () => say("failedNow", { name: task.name, why: task.error?.message ?? "" }),
  };
  const words = spoken[task.state]?.();
  if (words !== undefined) announce(words);
}
