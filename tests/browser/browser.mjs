// A page of the report in Chromium, with everything that it must not do written down.
import { chromium } from "playwright-core";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

// The folder that `pages_for_the_browser_tests` (src/report/html/tests.rs) wrote.
export const reports = process.env.H5LIFT_BROWSER_REPORTS;
if (!reports) throw new Error("H5LIFT_BROWSER_REPORTS names no folder; run `make browser`");

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
  ],
});

export const file = (name) => join(reports, name);

// Opens a report and waits until its table is there.
export async function open(name, { width = 1280, height = 900, ready = true, init, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!/^(file|blob):/.test(request.url())) complaints.push(`request of ${request.url()}`);
  });
  if (init) await page.addInitScript(init);
  await page.goto(pathToFileURL(file(name)).href);
  if (ready) await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 60_000 });
  return { page, complaints, close: () => context.close() };
}

// The text of what a button saves.
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const stream = await download.createReadStream();
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
