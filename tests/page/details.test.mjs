// What the page asks of a conversion, and what it shows of the result, in a real browser against a real service.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { checkAccessibility, keepPicture, withPage } from "./browser.mjs";
import { otherEnvironment, Service } from "./service.mjs";
import { wave } from "./sound.mjs";
import { audio, convert, row, signUp, untilDone } from "./visitor.mjs";

let service;

before(async () => { service = await Service.start(); });
after(() => service?.stop());

const seconds = 3;
// Louder and louder, and nearer to the top than to the bottom: to be told from its own mirror image.
const swell = {
  name: "swell.wav", mimeType: "audio/wav",
  buffer: wave(seconds, (time) => 0.2 + 0.6 * (time / seconds) * Math.sin(2 * Math.PI * 220 * time)),
};

/** The swell as FLAC with tags. */
async function tagged(name, tags) {
  const folder = await mkdtemp(join(tmpdir(), "decant-page-"));
  try {
    const [input, output] = [join(folder, "input.wav"), join(folder, "output.flac")];
    await writeFile(input, swell.buffer);
    const edits = Object.entries(tags).flatMap(([tag, value]) => ["--set", `${tag}=${value}`]);
    await promisify(execFile)(join(process.env.DECANT_BIN, "decant"), ["convert", "-q", input, output, ...edits],
                              { env: otherEnvironment() });
    return { name, mimeType: "audio/flac", buffer: await readFile(output) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Opens a row's details; gives the peaks that the page got for them. */
async function open(page, name) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/waveform")), row(page, name).locator("summary").click(),
  ]);
  await row(page, name).locator(".wave canvas").first().waitFor();
  return answer.json();
}

const factsOf = (details) => details.locator("dl").evaluate((list) =>
  Object.fromEntries([...list.querySelectorAll("dt")].map((fact) => [fact.textContent, fact.nextElementSibling.textContent])));

test("wavesurfer.js draws the service's peaks, and only when they are looked at", () => withPage(service.url, {}, async (page) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await signUp(page);
  await convert(page, [swell], "FLAC");
  await untilDone(page, "swell");
  assert.deepEqual(asked.filter((path) => /wave|download/.test(path)), []);
  const peaks = await open(page, "swell");
  assert.equal(asked.filter((path) => path.endsWith("/waveform")).length, 1);

  const drawn = await row(page, "swell").locator(".wave canvas").first().evaluate((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const isInk = (x, y) => data[4 * (y * width + x) + 3] > 127;
    const inkOf = (x, from, to) => Array.from({ length: to - from }, (_, index) => isInk(x, from + index)).filter(Boolean).length;
    return {
      height, columns: Array.from({ length: width }, (_, x) => [inkOf(x, 0, height / 2), inkOf(x, height / 2, height)]),
    };
  });
  assert.ok(drawn.columns.length > 300, `${drawn.columns.length} columns`);
  const half = drawn.height / 2;
  const columnsOfPixel = drawn.columns.length / peaks.length;
  // The last pixel slants down to the end.
  for (const [column, [above, below]] of drawn.columns.slice(0, -Math.ceil(2 * columnsOfPixel)).entries()) {
    const at = 2 * Math.floor(column / columnsOfPixel);
    const top = (Math.max(0, peaks.data[at + 1]) / 128) * half;
    const bottom = (Math.max(0, -peaks.data[at]) / 128) * half;
    assert.ok(Math.abs(above - top) <= 3 && Math.abs(below - bottom) <= 3, `column ${column}: ${above} and ${below} for ${top} and ${bottom}`);
  }
}));

test("a result is played by the keyboard", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  await convert(page, [swell], "MP3");
  await untilDone(page, "swell");
  await open(page, "swell");
  await row(page, "swell").locator("summary").focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Sound of swell.wav");
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.activeElement.currentTime > 0.3);
  const cursor = await row(page, "swell").locator(".wave .cursor").evaluate((element) => parseFloat(element.style.left));
  assert.ok(cursor > 5, `the cursor is at ${cursor} %`);
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.activeElement.paused);
}));

test("the details tell what became of tags", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const source = await tagged("rich.flac", { title: "<i>Sea</i>", replaygain_track_gain: "-4.00 dB", encoder: "an old one" });
  await convert(page, [source], "Opus");
  await untilDone(page, "rich");
  const details = row(page, "rich").locator(".report");
  assert.equal(await details.locator("summary").innerText(), "Details, with losses: 1");
  await details.locator("summary").click();
  assert.equal((await factsOf(details))["Tags"], "Kept: title");
  const lines = await details.locator("li").allInnerTexts();
  const expected = [
    /^The tag “encoder” was dropped: it describes the old file$/i,
    /^The tag “replaygain_track_gain” was changed: written as R128_TRACK_GAIN/i,
  ];
  for (const [index, words] of expected.entries()) assert.match(lines[index] ?? "", words, lines.join("; "));
}));

test("a picture becomes the cover, and what is none is refused in words", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const cover = { name: "front.png", mimeType: "image/png", buffer: Buffer.from(dot, "base64") };
  await page.setInputFiles("#cover", [cover]);
  await convert(page, [swell], "FLAC");
  await untilDone(page, "swell");
  const details = row(page, "swell").locator(".report");
  await details.locator("summary").click();
  assert.match((await factsOf(details))["Pictures"], /Cover \(front\)/);
  await page.setInputFiles("#cover", [{ ...cover, buffer: Buffer.from("<svg/>") }]);
  await convert(page, [{ ...swell, name: "other.wav" }], "FLAC");
  await page.locator("#convert, #uploads").getByText(/JPEG/).last().waitFor();
  assert.equal(await row(page, "other").count(), 0);
}));

test("a result that the browser can't play is seen all the same", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  await convert(page, [swell], "WMA");
  await untilDone(page, "swell");
  await open(page, "swell");
  await row(page, "swell").getByText("This browser can't play it.").waitFor();
  assert.ok(await row(page, "swell").locator("audio").isHidden());
  assert.ok(await row(page, "swell").locator(".wave canvas").first().isVisible());
}));

test("the details tell of the sound, and the dialog what was asked for", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const form = page.locator("#convert");
  await page.setInputFiles("#files", [swell]);
  await form.locator("summary").click();
  await form.getByLabel("Title").fill("<i>Sea</i>");
  await form.getByLabel("Artist").fill("Ada");
  await convert(page, [], "FLAC");
  await untilDone(page, "swell");
  await open(page, "swell");
  const details = row(page, "swell").locator(".report");
  assert.ok(await details.getByText("Drawn before").isHidden());
  const facts = await factsOf(details);
  assert.match(facts["Sound"], /^flac, 8,000 Hz, channels: 1, 16 bits$/);
  assert.equal(facts["Length"], "0:03");
  assert.match(facts["Loudness"], /^-\d+(\.\d)? LUFS, range [\d.]+ LU, true peak -?[\d.]+ dBTP/);
  assert.match(facts["Verified"], /^Decoded again: every sample is the same\. MD5 of the samples: [0-9a-f]{32}$/);
  assert.equal(facts["Tags"], "Added: title, artist");

  // What was asked for stands in the dialog, and what is dropped is told.
  await row(page, "swell").getByRole("button", { name: "Convert again" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("summary").click();
  assert.equal(await dialog.getByLabel("Title").inputValue(), "<i>Sea</i>");
  await dialog.getByLabel("Title").fill("");
  await dialog.getByLabel("Sample rate").selectOption("16000");
  await dialog.getByRole("button", { name: "Convert" }).click();
  await details.getByText("Resampled from 8000 to 16000 Hz").waitFor();
  assert.equal((await factsOf(details))["Tags"], "Added: artist");
}));

test("what is wrong with an option is told at its field, and the files stay", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const form = page.locator("#convert");
  await page.setInputFiles("#files", [audio("oak.wav"), audio("elm.wav"), audio("ash.wav")]);
  await form.getByText("More options").focus();
  await page.keyboard.press("Enter");
  await form.getByLabel("Start at").fill("0:02");
  await form.getByLabel("End at").fill("0:01");
  await convert(page, [], "FLAC");
  await form.locator("[name=end][aria-invalid=true]").waitFor();
  assert.match(await form.locator(".field-problem").innerText(), /later than start/);
  await page.waitForFunction(() => document.querySelectorAll("#chosen li").length === 3);
  assert.equal(await page.locator("#uploads .row").count(), 0);
  assert.equal(await form.locator(".field-problem").count(), 1);
  await checkAccessibility(page, "a wrong option");

  await form.getByLabel("Start at").fill("");
  await form.getByLabel("End at").fill("0:00.5");
  await convert(page, [], "FLAC");
  for (const name of ["oak", "elm", "ash"]) await untilDone(page, name);
}));

test("options follow the format", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const form = page.locator("#convert");
  const bitrate = form.getByLabel("Bitrate in kbit/s");
  await form.locator("summary").click();
  await form.getByLabel("Convert to").selectOption({ label: "MP3" });
  assert.ok(Number(await bitrate.getAttribute("max")) >= 320);
  await form.getByLabel("Convert to").selectOption({ label: "WAV" });
  assert.ok(await bitrate.isHidden());
  await form.getByLabel("Convert to").selectOption({ label: "MP3" });
  await bitrate.fill("1000000");
  await form.locator("summary").click();
  await convert(page, [audio("loud.wav")], "MP3");
  await bitrate.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "bitrate", "a number out of range is shown, not swallowed");
  await bitrate.fill("96");
  await convert(page, [], "MP3");
  await untilDone(page, "loud");
  await row(page, "loud").getByRole("button", { name: "Convert again" }).click();
  assert.equal(await page.locator("#again-bitrate").inputValue(), "96");
}));

test("levels, fades and bit depth are asked for, and what contradicts itself is told", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const form = page.locator("#convert");
  await page.setInputFiles("#files", [swell]);
  await form.locator("summary").click();
  await form.getByLabel("Convert to").selectOption({ label: "WAV" });
  await form.getByLabel("encoded that way already").selectOption({ label: "Encode it anew" });
  await form.getByLabel("Bit depth").selectOption("24");
  await form.getByLabel("Loudness in LUFS").fill("-23");
  await form.getByLabel("Gain in dB").fill("3");
  await form.getByLabel("Fade out, in seconds").fill("0.5");
  await convert(page, [], "WAV");
  await form.locator("[name=gain][aria-invalid=true]").waitFor();
  await form.getByLabel("Gain in dB").fill("");
  await convert(page, [], "WAV");
  await untilDone(page, "swell");
  await open(page, "swell");
  const details = row(page, "swell").locator(".report");
  const facts = await factsOf(details);
  assert.match(facts["Sound"], /24 bits$/);
  assert.ok(facts["Loudness before the change"] && !facts["Loudness"]);
  assert.ok(await details.getByText("Drawn before the change of level").isVisible());
  const words = await details.locator("li").allInnerTexts();
  await row(page, "swell").getByRole("button", { name: "Convert again" }).click();
  assert.equal(await page.locator("#again-reencode").inputValue(), "true");
  assert.ok(words.some((line) => /-23(\.0)? LUFS/.test(line)), words.join(" "));
}));

test("a task without a waveform shows none", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.route(/\/api\/tasks([/?]|$)/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(/"waveform":"[^"]*"/g, `"waveform":null`) });
  });
  await convert(page, [audio("old.wav")], "FLAC");
  await untilDone(page, "old");
  await row(page, "old").locator("summary").click();
  await row(page, "old").getByText("Decoded again").waitFor();
  assert.ok(await row(page, "old").locator(".sound").isHidden());
  assert.ok(!asked.some((path) => path.endsWith("/waveform")));
}));

test("in Spanish, light and dark", () => withPage(service.url, { colorScheme: "dark", reducedMotion: "reduce" }, async (page) => {
  await signUp(page);
  await convert(page, [swell], "FLAC");
  await untilDone(page, "swell");
  await page.getByLabel("Language").selectOption("es");
  await open(page, "swell");
  await page.locator("#convert").getByText("Más opciones").click();
  const facts = await factsOf(row(page, "swell").locator(".report"));
  assert.match(facts["Sonoridad"], / LUFS, rango /);
  assert.match(facts["Verificado"], /^Decodificado otra vez/);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await checkAccessibility(page, `Spanish, ${colorScheme}`);
    await keepPicture(page, `Spanish ${colorScheme} details`);
  }
}));
