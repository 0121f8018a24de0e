// What happens elsewhere is seen on the page at once, and all of it still where events do not come.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withPage } from "./browser.mjs";
import { Service } from "./service.mjs";
import { tone } from "./sound.mjs";
import { audio, convert, password, row, signUp, untilDone } from "./visitor.mjs";

let service;

before(async () => { service = await Service.start(); });
after(() => service?.stop());

/** The same account, used by a script. */
class Script {
  static async logIn(email) {
    const script = new Script();
    const answer = await fetch(`${service.url}/api/auth/login`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }),
    });
    script.token = (await answer.json()).token;
    return script;
  }

  ask(method, path, body) {
    return fetch(service.url + path, { method, headers: { Authorization: `Bearer ${this.token}` }, body });
  }

  async submit(name, seconds) {
    const form = new FormData();
    form.append("newFormat", "flac");
    form.append("audio", new Blob([tone(seconds)]), name);
    return (await (await this.ask("POST", "/api/tasks", form)).json()).task.id;
  }
}

const listening = (page) => page.waitForRequest((request) => request.url().endsWith("/api/events"));

test("what a script does is shown, and nothing is asked for meanwhile", () => withPage(service.url, { locale: "es-ES" }, async (page) => {
  const begun = listening(page);
  await page.getByRole("button", { name: "Crear cuenta" }).click();
  const form = page.locator("#sign-up");
  for (const [id, value] of [["user", "eva"], ["email", "eva@example.org"], ["password1", password], ["password2", password]]) {
    await form.locator(`[name=${id}]`).fill(value);
  }
  await form.getByRole("button").last().click();
  await begun;
  const script = await Script.logIn("eva@example.org");
  await page.waitForTimeout(1500);

  let lists = 0;
  page.on("request", (request) => { if (/\/api\/tasks\?/.test(request.url())) ++lists; });
  const id = await script.submit("made elsewhere.wav", 2);
  const made = row(page, "made elsewhere");
  await made.locator(".state", { hasText: /^Lista$/ }).waitFor();
  await made.locator(".result:not([hidden])").waitFor();
  await script.ask("DELETE", `/api/tasks/${id}`);
  await made.waitFor({ state: "detached" });
  assert.equal(lists, 0, "events tell, nothing is polled");
}));

test("where events are refused, the page asks", () => withPage(service.url, {}, async (page) => {
  await page.route("**/api/events", (route) => route.fulfill({ status: 429, contentType: "application/problem+json", body: "{}" }));
  await signUp(page);
  await convert(page, [audio("asked for.wav", 1)], "FLAC");
  await untilDone(page, "asked for");
}));

test("a stream that breaks off is taken up again", () => withPage(service.url, {}, async (page) => {
  let streams = 0;
  await page.route("**/api/events", (route) => {
    // The first ends at once, as when a server goes.
    if (++streams === 1) return route.fulfill({ status: 200, contentType: "text/event-stream", body: "retry: 100\n\nid: 0\n\n" });
    return route.continue();
  });
  const email = await signUp(page);
  await page.waitForRequest((request) => request.url().endsWith("/api/events") && request.headers()["last-event-id"] === "0");
  const script = await Script.logIn(email);
  await script.submit("after the break.wav", 1);
  await untilDone(page, "after the break");
}));
