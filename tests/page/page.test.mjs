// The page in a real browser against a real service.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { checkAccessibility, keepPicture, withPage } from "./browser.mjs";
import { Service } from "./service.mjs";
import { audio, convert, fillSignUp, password, row, signUp, untilDone } from "./visitor.mjs";

const hostileName = `"><img src=x onerror=alert(1)>.wav`;
let service;

before(async () => { service = await Service.start(); });
after(() => service?.stop());

async function download(page, link) {
  const [saved] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return { name: saved.suggestedFilename(), bytes: await readFile(await saved.path()) };
}

test("from signing up to logging out", () => withPage(service.url, {}, async (page) => {
  await page.getByRole("button", { name: "Sign up" }).click();
  await fillSignUp(page, "ada", "short");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.locator("#sign-up-password1[aria-invalid=true]").waitFor();
  assert.match(await page.locator("#sign-up .field-problem").first().innerText(), /8/, "the server's words at the field");

  await fillSignUp(page, "ada", password);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("Nothing here yet.").waitFor();

  const song = audio("Song of the sea.wav", 2);
  await convert(page, [song, audio(hostileName), { name: "letter.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("Dear Ada, this is no audio. ".repeat(40)) }], "FLAC");
  await untilDone(page, "Song of the sea");
  await untilDone(page, `"><img src=x`);
  assert.equal(await row(page, `"><img src=x`).locator(".name").innerText(), hostileName);
  assert.equal(await page.locator("img:not(.brand img)").count(), 0, "a name stays text");

  const refused = page.locator("#uploads .row", { hasText: "letter.mp3" });
  await refused.getByText("Not accepted").waitFor();
  assert.match(await refused.locator(".problem").innerText(), /\w+ \w+/, "why, in the server's words");
  await refused.getByRole("button", { name: "Dismiss" }).click();
  await page.locator("#uploads").waitFor({ state: "hidden" });

  const sea = row(page, "Song of the sea");
  const flac = await download(page, sea.getByRole("link", { name: "Download" }));
  assert.equal(flac.name, "Song of the sea.flac");
  assert.equal(flac.bytes.subarray(0, 4).toString("latin1"), "fLaC");
  const original = await download(page, sea.getByRole("link", { name: "Original" }));
  assert.equal(original.name, "Song of the sea.wav");
  assert.deepEqual(original.bytes, song.buffer);

  await sea.getByRole("button", { name: "Convert again" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Convert to").selectOption({ label: "WAV" });
  await dialog.getByText("More options").click();
  await dialog.getByLabel("End at").fill("0");
  await dialog.getByRole("button", { name: "Convert" }).click();
  await dialog.locator("[name=end][aria-invalid=true]").waitFor();
  await dialog.getByLabel("End at").fill("0:01");
  await dialog.getByRole("button", { name: "Convert" }).click();
  await sea.getByText("WAV → WAV").waitFor();
  await untilDone(page, "Song of the sea");
  const second = await download(page, sea.getByRole("link", { name: "Download" }));
  assert.equal(second.bytes.subarray(0, 4).toString("latin1"), "RIFF");
  assert.ok(second.bytes.length >= 16_000 && second.bytes.length < 17_000, `one second of sound, not ${second.bytes.length} bytes`);

  await page.reload();
  await untilDone(page, "Song of the sea");
  await sea.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await sea.waitFor({ state: "detached" });
  assert.equal(await page.locator("#tasks .row").count(), 1);

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(await page.locator(".row").count(), 0, "nothing of the account stays");
  await page.reload();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.locator("#log-in").getByLabel("E-mail").fill("ada@example.org");
  await page.locator("#log-in").getByLabel("Password").fill("a wrong password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("#log-in .problem").waitFor();
}));

test("an upload shows how far it is, and can be canceled", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const uploadThroughput = 400_000;
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await convert(page, [audio("slow.wav", 60)], "FLAC");
  const upload = page.locator("#uploads .row");
  await upload.getByText(/Sending: [\d.]+ [kM]B of 960 kB/).waitFor();
  await page.waitForFunction(() => {
    const { value } = document.querySelector("#uploads progress");
    return value > 0.2 && value < 0.8;
  });
  await upload.getByRole("button", { name: "Cancel slow.wav" }).click();
  await page.locator("#uploads").waitFor({ state: "hidden" });
  await page.reload();
  await page.getByText("Nothing here yet.").waitFor();
}));

test("a token that is no longer taken is renewed without a word", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  let spoilt = 0;
  await page.route("**/api/tasks", async (route) => {
    const headers = await route.request().allHeaders();
    // Only the token: without the cookies, too, the service would be right to refuse for good.
    if (spoilt++ === 0) await route.continue({ headers: { ...headers, authorization: "Bearer worn.out.token" } });
    else await route.continue();
  });
  await convert(page, [audio("patience.wav")], "FLAC");
  await untilDone(page, "patience");
  assert.equal(spoilt, 2);
}));

test("with the keyboard alone", () => withPage(service.url, {}, async (page) => {
  const email = await signUp(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();

  const tabTo = async (selector) => {
    for (let steps = 0; steps < 40; ++steps) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`no way to ${selector} by Tab`);
  };
  await tabTo("#log-in-email");
  await page.keyboard.type(email);
  await tabTo("#log-in-password");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Convert audio" }).waitFor();

  await tabTo("#files");
  const outline = await page.evaluate(() => getComputedStyle(document.querySelector("#drop")).outlineStyle);
  assert.equal(outline, "solid", "the focus is seen");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles([audio("by hand.wav")]);
  await page.locator("#chosen li").waitFor();
  await tabTo("[name=newFormat]");
  await page.keyboard.type("WAV");
  await tabTo("#convert button[type=submit]");
  await page.keyboard.press("Enter");
  await untilDone(page, "by hand");
  assert.match(await page.getByRole("status").innerText(), /by hand/, "what happened is told");

  await tabTo(".row .remove");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await page.evaluate(() => document.activeElement.matches(".row .remove")), "focus is back where it was");
  await page.keyboard.press("Enter");
  await tabTo("#delete [type=submit]");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing here yet.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "tasks-title");
}));

test("more conversions than a page of the list", () => withPage(service.url, {}, async (page) => {
  await signUp(page);
  const names = Array.from({ length: 23 }, (_, index) => `take ${String(index + 1).padStart(2, "0")}.wav`);
  await convert(page, names.map((name) => audio(name, 0.1)), "FLAC");
  await page.locator("#uploads").waitFor({ state: "hidden" });
  assert.equal(await page.locator("#tasks .row").count(), names.length);
  await page.reload();
  await page.getByRole("button", { name: "Show earlier ones" }).waitFor();
  assert.equal(await page.locator("#tasks .row").count(), 20);
  await page.getByRole("button", { name: "Show earlier ones" }).click();
  await row(page, "take 01.wav").waitFor();
  const shown = await page.locator("#tasks .row .name").allInnerTexts();
  assert.deepEqual([...shown].sort(), names);
  assert.equal(await page.getByRole("button", { name: "Show earlier ones" }).count(), 0);
}));

for (const [name, options] of Object.entries({
  light: { colorScheme: "light", viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 360, height: 740 }, hasTouch: true },
  "dark phone": { colorScheme: "dark", viewport: { width: 360, height: 740 }, reducedMotion: "reduce" },
})) {
  test(`looks and accessibility: ${name}`, () => withPage(service.url, options, async (page) => {
    const look = async (view) => {
      await checkAccessibility(page, view);
      await keepPicture(page, `${name} ${view}`);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overhang <= 0, `${view} is ${overhang} pixels too wide`);
    };
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await look("log in");
    await page.getByRole("button", { name: "Sign up" }).click();
    await look("sign up");
    await page.getByRole("button", { name: "Log in" }).click();
    await signUp(page);
    await look("empty");

    await page.setInputFiles("#files", [audio(hostileName), audio(`${"a very long name ".repeat(12)}.wav`)]);
    await page.locator("#convert summary").click();
    await page.locator("#convert").getByLabel("Convert to").selectOption({ label: "MP3" });
    await look("options");
    await convert(page, [{ name: "no audio.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("words, words") }], "FLAC");
    await untilDone(page, "a very long name");
    await page.locator("#uploads .failed").waitFor();
    await look("list");
    await row(page, "a very long name").locator("summary").click();
    await row(page, "a very long name").locator(".wave canvas").first().waitFor();
    await look("details");
    await row(page, "a very long name").getByRole("button", { name: "Convert again" }).click();
    await look("convert again");
    await page.keyboard.press("Escape");
    await row(page, "a very long name").getByRole("button", { name: "Delete" }).click();
    await look("delete");
  }));
}

test("in Spanish, by the browser's language and by choice", () => withPage(service.url, { locale: "es-MX" }, async (page) => {
  await page.getByRole("heading", { name: "Entrar" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  assert.deepEqual(await page.locator("[data-text]").evaluateAll((elements) => elements.filter((element) => !element.textContent).length), 0);
  await page.getByLabel("Idioma").selectOption("en");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}));
