// What a visitor does on the page.
import { tone } from "./sound.mjs";

export const password = "a horse, a staple";
let accounts = 0;

export const audio = (name, seconds = 1) => ({ name, mimeType: "audio/wav", buffer: tone(seconds) });
export const row = (page, name) => page.locator("#tasks .row", { hasText: name });

export async function fillSignUp(page, user, secret) {
  const form = page.locator("#sign-up");
  await form.getByLabel("User name").fill(user);
  await form.getByLabel("E-mail").fill(`${user}@example.org`);
  await form.getByLabel("Password", { exact: true }).fill(secret);
  await form.getByLabel("Password again").fill(secret);
}

export async function signUp(page) {
  const user = `listener${++accounts}`;
  await page.getByRole("button", { name: "Sign up" }).click();
  await fillSignUp(page, user, password);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "Convert audio" }).waitFor();
  return `${user}@example.org`;
}

export async function convert(page, files, format) {
  await page.setInputFiles("#files", files);
  await page.locator("#convert").getByLabel("Convert to").selectOption({ label: format });
  await page.locator("#convert").getByRole("button", { name: "Convert", exact: true }).click();
}

export async function untilDone(page, name) {
  await row(page, name).locator(".state", { hasText: /^Done$/ }).waitFor();
}
