// A real `decant serve` on a loopback port of its own with a data folder of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export class Service {
  #process;
  #folder;
  #log = "";

  static async start() {
    const service = new Service();
    service.#folder = await mkdtemp(join(tmpdir(), "decant-page-"));
    service.#process = spawn(join(process.env.DECANT_BIN, "decant"), ["serve"], {
      env: { ...otherEnvironment(), DECANT_LISTEN: "127.0.0.1:0", DECANT_DATA: service.#folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [service.#process.stdout, service.#process.stderr]) stream.on("data", (text) => (service.#log += text));
    await service.#untilReady();
    return service;
  }

  async stop() {
    this.#process.kill("SIGTERM");
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, "exit");
    await rm(this.#folder, { recursive: true, force: true });
  }

  // The log names the port that the kernel chose, once the service listens.
  async #untilReady() {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline && this.#process.exitCode === null; await pause(50)) {
      this.url = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(this.#log)?.[0];
      if (this.url) return;
    }
    throw new Error(`decant serve did not start:\n${this.#log}`);
  }
}

// What decant would take for settings stays out: the tests' own variables, and whatever the caller's shell holds.
export function otherEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DECANT_")));
}
