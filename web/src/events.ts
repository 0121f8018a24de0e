// What happens to the account's tasks, as the server tells it. The token is in memory only and an EventSource could not send it, so the
// stream is read from fetch().
import type { Api, TaskEvent } from "./api";

const shortestPause = 1000;
const longestPause = 30_000;

export class Events {
  readonly #api: Api;
  readonly #onEvent: (event: TaskEvent) => void;
  readonly #onLive: (isLive: boolean) => void;
  #stop: AbortController | null = null;
  #lastId = "";
  #pause = shortestPause;

  /** `onLive` is told when events begin to come, and when they come no more. */
  constructor(api: Api, onEvent: (event: TaskEvent) => void, onLive: (isLive: boolean) => void) {
    this.#api = api;
    this.#onEvent = onEvent;
    this.#onLive = onLive;
  }

  /** Listens, and begins anew after whatever breaks off, until it is stopped. Goes on from where it was. */
  start(): void {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    void this.#listen(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
  }

  /** Of another account there is nothing to go on from. */
  forget(): void {
    this.stop();
    this.#lastId = "";
  }

  async #listen(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const stream = await this.#api.events(this.#lastId, signal);
        if (signal.aborted) return;
        failures = 0;
        this.#onLive(true);
        await this.#read(stream, signal);
      } catch {
        // Nobody needs to hear of it: the list asks by itself meanwhile, and says so if that fails, too.
        if (this.#lastId !== "" && ++failures === 2) this.#lastId = "";
      }
      if (signal.aborted) return;
      this.#onLive(false);
      await pause(Math.min(longestPause, this.#pause * 2 ** failures), signal);
    }
  }

  async #read(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    let data = "";
    let id = "";
    while (!signal.aborted) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("data: ")) data = line.slice(6);
        else if (line.startsWith("id: ")) id = line.slice(4);
        else if (line.startsWith("retry: ")) this.#pause = Number(line.slice(7)) || shortestPause;
        else if (line === "") {
          if (data !== "") this.#onEvent(JSON.parse(data) as TaskEvent);
          if (id !== "") this.#lastId = id;
          data = id = "";
        }
      }
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
