// Debian's Chromium, and a page in it that is watched: what the browser complains about fails the test.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The build keeps the packages out of the source tree; beside this file after `npm ci` by hand.
const packages = process.env.DECANT_PAGE_TEST_PACKAGES;
const require = createRequire(packages ? join(packages, "package.json") : import.meta.url);
const { chromium } = require("playwright-core");

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Runs `visit(page)` in a new profile and fails on errors, on breaches of the Content-Security-Policy and on requests elsewhere. */
export async function withPage(url, options, visit) {
  const profile = await mkdtemp(join(tmpdir(), "decant-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags, locale: "en-GB", ...options,
  });
  const complaints = [];
  try {
    // Runs before the page and outside its policy.
    await context.addInitScript({ content: await readFile(require.resolve("axe-core/axe.min.js"), "utf8") });
    await context.exposeFunction("reportBreach", (text) => complaints.push(`policy: ${text}`));
    await context.addInitScript(() => document.addEventListener("securitypolicyviolation",
      (event) => window.reportBreach(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    // Refusals that a test provokes are answers, not faults of the page.
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== url && !request.url().startsWith("data:")) complaints.push(`request to ${request.url()}`);
    });
    await page.goto(url);
    await visit(page);
    assert.deepEqual(complaints, []);
  } catch (error) {
    if (complaints.length > 0) error.message += `\nThe browser complained:\n${complaints.join("\n")}`;
    throw error;
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** Fails when axe-core finds a breach of WCAG 2.2 A or AA, or of good practice. */
export async function checkAccessibility(page, view) {
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(found, [], `accessibility of ${view}`);
}

/** Keeps a picture of the page for people, where DECANT_PAGE_TEST_PICTURES names a folder. */
export async function keepPicture(page, name) {
  const folder = process.env.DECANT_PAGE_TEST_PICTURES;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
