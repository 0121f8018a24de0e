// What the analyses of a real service give, read by BBC's own reader of audiowaveform's files, waveform-data.js.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Service } from "./service.mjs";
import { tone } from "./sound.mjs";

const packages = process.env.DECANT_PAGE_TEST_PACKAGES;
const require = createRequire(packages ? join(packages, "package.json") : import.meta.url);
const WaveformData = require("waveform-data");

const seconds = 2;
let service;
let task;
let authorization;

async function call(path, options = {}) {
  const response = await fetch(service.url + path, { ...options, headers: { ...authorization, ...options.headers } });
  return response;
}

async function postJson(path, body) {
  const response = await call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

before(async () => {
  service = await Service.start();
  const account = { email: "ada@example.org", password1: "a horse, a staple", password2: "a horse, a staple" };
  await postJson("/api/auth/signup", { user: "ada", ...account });
  const { token } = await postJson("/api/auth/login", { email: account.email, password: account.password1 });
  authorization = { Authorization: `Bearer ${token}` };
  const form = new FormData();
  form.set("newFormat", "mp3");
  form.set("analysis", "waveform,spectrogram,loudness");
  form.set("samplesPerPixel", "100");
  form.set("audio", new Blob([tone(seconds)]), "tone.wav");
  const made = await call("/api/tasks", { method: "POST", body: form });
  assert.equal(made.status, 201, await made.clone().text());
  const path = made.headers.get("Location");
  do {
    await pause(50);
    task = await (await call(path)).json();
  } while (["UPLOADED", "PROCESSING"].includes(task.state));
  assert.equal(task.state, "PROCESSED", JSON.stringify(task.error));
});
after(() => service?.stop());

test("the waveform is read in both forms, and they say the same", async () => {
  const json = await call(`/api/tasks/${task.id}/waveform`);
  const dat = await call(`/api/tasks/${task.id}/waveform`, { headers: { Accept: "application/octet-stream" } });
  const fromJson = WaveformData.create(await json.json());
  const fromDat = WaveformData.create(await dat.arrayBuffer());
  assert.deepEqual(fromDat.toJSON(), fromJson.toJSON());
  assert.equal(fromDat.channels, 1);
  assert.equal(fromDat.bits, 8);
  assert.equal(fromDat.scale, 100);
  assert.ok(Math.abs(fromDat.duration - seconds) < 0.01, `${fromDat.duration} s`);
  assert.equal(fromDat.length, task.report.analysis.waveform.pixels);
  const { samplePeak } = task.report.analysis.loudness;
  const highest = Math.max(...fromDat.channel(0).max_array());
  assert.ok(Math.abs(20 * Math.log10(highest / 128) - samplePeak) < 0.5, `${highest} for ${samplePeak} dBFS`);
  assert.equal(fromDat.resample({ scale: 1000 }).length, Math.ceil(fromDat.length / 10));
});

test("the spectrogram is a PNG of the size that the report tells", async () => {
  const response = await call(`/api/tasks/${task.id}/spectrogram`);
  assert.equal(response.headers.get("Content-Type"), "image/png");
  const png = Buffer.from(await response.arrayBuffer());
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  const { width, height } = task.report.analysis.spectrogram;
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [width, height]);
});

test("both go with the task", async () => {
  assert.equal((await call(`/api/tasks/${task.id}`, { method: "DELETE" })).status, 204);
  assert.equal((await call(`/api/tasks/${task.id}/waveform`)).status, 404);
});
