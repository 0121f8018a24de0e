// The REST API as the page uses it: docs/api/openapi.json is the contract.
import { say } from "./text";

export interface FieldProblem {
  field: string;
  message: string;
}

/** Why something was refused, in the server's words where it had any (RFC 9457). Status 0: there was no answer. */
export class Problem extends Error {
  constructor(readonly status: number, message: string, readonly fields: FieldProblem[] = []) {
    super(message);
  }
}

export type TaskState = "UPLOADED" | "PROCESSING" | "PROCESSED" | "FAILED" | "CANCELED";

export interface ReportItem {
  name?: string;
  fate?: "kept" | "mapped" | "dropped" | "added";
  why?: string;
}

/** What was measured of the sound; null: it has no such level. */
export interface Loudness {
  integrated: number | null;
  range: number | null;
  truePeak: number | null;
  samplePeak: number | null;
  dynamicRange: number | null;
}

export interface Output {
  codec?: string;
  sampleRate?: number;
  channels?: number;
  bitsPerSample?: number;
  duration?: number;
  pcmMd5?: string;
}

export interface Report {
  output?: Output;
  analysis?: { loudness?: Loudness };
  tags?: ReportItem[];
  pictures?: ReportItem[];
  chapters?: ReportItem[];
  notes?: string[];
  losses?: { position?: number; reason?: string }[];
}

export interface Task {
  id: string;
  timestamp: string;
  name: string;
  originalExt: string;
  convertedExt: string;
  state: TaskState;
  progress: number;
  options: Record<string, unknown>;
  attempts: number;
  error: { code: string; message: string } | null;
  report: Report | null;
  result: { sha256: string; size: number; mimeType: string } | null;
  links: { waveform: string | null };
}

/** audiowaveform's JSON, version 2: the lowest and the highest sample of each pixel. */
export interface Peaks {
  sample_rate: number;
  samples_per_pixel: number;
  bits: 8 | 16;
  length: number;
  data: number[];
}

export interface Range {
  min: number;
  max: number;
}

export interface TargetFormat {
  name: string;
  title: string;
  extension: string;
  lossless: boolean;
  bitrate: Range | null;
  quality: Range | null;
  qualityHelp: string;
  defaultEncoding: string;
  sampleRates: number[];
  sampleRateRange: Range;
  maxChannels: number;
  bitDepths: (number | "float")[];
  holdsTags: boolean;
  holdsPictures: boolean;
}

/** A task as it is now, as far as an event says. */
export type TaskEvent = Pick<Task, "id" | "state" | "progress" | "attempts" | "error">;

export interface Page {
  tasks: Task[];
  /** The path of the page after this one. */
  next: string | null;
}

/** What a conversion is asked for: the API's names and text forms, only what is set. Tags to set are in `metadata`. */
export type ConversionRequest = Record<string, string | Record<string, string>>;

interface Upload {
  file: File;
  cover: File | null;
  request: ConversionRequest;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

interface More {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// There is a session to resume only where there was a login: without it the first visit would ask for nothing but a refusal.
const sessionKey = "decant.session";

export class Api {
  // In memory only: scripts of other origins, and of later visits, find nothing. The refresh cookie is the browser's.
  #token: string | null = null;
  #refreshing: Promise<boolean> | null = null;
  #onSessionOver: () => void;

  /** `onSessionOver` is called when the server no longer takes a session that was there. */
  constructor(onSessionOver: () => void) {
    this.#onSessionOver = onSessionOver;
  }

  /** Goes on with the session of an earlier visit, if there is one. */
  async resume(): Promise<boolean> {
    return localStorage.getItem(sessionKey) !== null && (await this.#refresh());
  }

  async signUp(account: Record<string, string>): Promise<void> {
    await this.#call("POST", "/api/auth/signup", account);
  }

  async logIn(email: string, password: string): Promise<void> {
    const answer = await this.#call("POST", "/api/auth/login", { email, password });
    this.#token = ((await answer.json()) as { token: string }).token;
    localStorage.setItem(sessionKey, "1");
  }

  async logOut(): Promise<void> {
    await this.#authorized("POST", "/api/auth/logout");
    this.#forget();
  }

  async formats(): Promise<TargetFormat[]> {
    const answer = await this.#call("GET", "/api/formats");
    return ((await answer.json()) as { targets: TargetFormat[] }).targets;
  }

  /** The newest tasks, at most `max`. */
  newestTasks(max: number): Promise<Page> {
    return this.taskPage(`/api/tasks?order=desc&max=${max}`);
  }

  async taskPage(path: string): Promise<Page> {
    const answer = await this.#authorized("GET", path);
    return { tasks: (await answer.json()) as Task[], next: nextPage(answer.headers.get("Link")) };
  }

  async task(id: string): Promise<Task> {
    return taskOf(await (await this.#authorized("GET", pathOf(id))).json());
  }

  /** A stream of what happens to the tasks from now on, or since the event `lastId`: Server-Sent Events. */
  async events(lastId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = lastId === "" ? {} : { "Last-Event-ID": lastId };
    const answer = await this.#authorized("GET", "/api/events", undefined, { headers: { ...headers, Accept: "text/event-stream" }, signal });
    if (answer.body === null) throw new Problem(0, say("offline"));
    return answer.body;
  }

  async convertAgain(id: string, request: ConversionRequest): Promise<Task> {
    return taskOf(await (await this.#authorized("PUT", pathOf(id), request)).json());
  }

  async deleteTask(id: string): Promise<void> {
    await this.#authorized("DELETE", pathOf(id));
  }

  /** `path` is one of a task's links. */
  async peaks(path: string): Promise<Peaks> {
    return (await (await this.#authorized("GET", path)).json()) as Peaks;
  }

  downloadPath(id: string, which: "result" | "original"): string {
    return `/api/download/${encodeURIComponent(id)}?which=${which}`;
  }

  /** Sends a file. Of one key the server makes one task, however often it is sent. */
  async upload(upload: Upload): Promise<Task> {
    const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    let answer = await this.#send(upload, key);
    if (answer.status === 401 && (await this.#refresh())) answer = await this.#send(upload, key);
    if (answer.status === 401) this.#sessionOver();
    if (answer.status < 200 || answer.status > 299) throw problemOf(answer.status, answer.responseText);
    return taskOf(JSON.parse(answer.responseText));
  }

  // fetch() tells nothing about the progress of an upload; XMLHttpRequest does.
  #send(upload: Upload, key: string): Promise<XMLHttpRequest> {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...upload.request, filename: upload.file.name })) {
      form.append(name, typeof value === "string" ? value : JSON.stringify(value));
    }
    if (upload.cover) form.append("cover", upload.cover);
    form.append("audio", upload.file);
    const request = new XMLHttpRequest();
    return new Promise((resolve, reject) => {
      request.open("POST", "/api/tasks");
      request.setRequestHeader("Authorization", `Bearer ${this.#token ?? ""}`);
      request.setRequestHeader("Idempotency-Key", key);
      request.upload.onprogress = (event) => upload.onProgress(event.loaded);
      request.onload = () => resolve(request);
      request.onerror = () => reject(new Problem(0, say("offline")));
      request.onabort = () => reject(upload.signal.reason);
      upload.signal.addEventListener("abort", () => request.abort(), { once: true });
      if (upload.signal.aborted) request.abort();
      request.send(form);
    });
  }

  async #authorized(method: string, path: string, body?: object, more: More = {}): Promise<Response> {
    try {
      return await this.#call(method, path, body, more);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
      if (await this.#refresh()) return this.#call(method, path, body, more);
      this.#sessionOver();
      throw problem;
    }
  }

  async #call(method: string, path: string, body?: object, more: More = {}): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", ...more.headers };
    if (this.#token !== null) headers["Authorization"] = `Bearer ${this.#token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer: Response;
    try {
      answer = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), redirect: "error", signal: more.signal ?? null });
    } catch {
      throw new Problem(0, say("offline"));
    }
    if (!answer.ok) throw problemOf(answer.status, await answer.text());
    return answer;
  }

  // Many calls may find their token too old at once; one asks for a new one.
  #refresh(): Promise<boolean> {
    this.#refreshing ??= this.#askForToken().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #askForToken(): Promise<boolean> {
    this.#token = null;
    try {
      const answer = await this.#call("POST", "/api/auth/refresh");
      this.#token = ((await answer.json()) as { token: string }).token;
      return true;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 401) return false;
      throw problem;
    }
  }

  #sessionOver(): void {
    this.#forget();
    this.#onSessionOver();
  }

  #forget(): void {
    this.#token = null;
    localStorage.removeItem(sessionKey);
  }
}

function pathOf(id: string): string {
  return `/api/tasks/${encodeURIComponent(id)}`;
}

// POST and PUT answer {message, task}, GET the task itself.
function taskOf(answer: { task: Task } | Task): Task {
  return "task" in answer ? answer.task : answer;
}

function problemOf(status: number, body: string): Problem {
  try {
    const { detail, fields } = JSON.parse(body) as { detail?: string; fields?: FieldProblem[] };
    if (detail) return new Problem(status, detail, fields);
  } catch {
    // Not the server's own words: a proxy's page, or nothing.
  }
  return new Problem(status, say("strange", { status }));
}

/** The target of rel="next" (RFC 8288), as a path on this server; others are not followed. */
export function nextPage(link: string | null): string | null {
  const target = /<([^>]*)>\s*;[^,<]*\brel="?next"?/.exec(link ?? "")?.[1];
  if (target === undefined) return null;
  const url = new URL(target, location.href);
  return url.origin === location.origin ? url.pathname + url.search : null;
}

export function wordsOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
