// Draws the pictures of docs/report.md, and writes down the words in each, which pictures.test.mjs compares.
import { writeFileSync } from "node:fs";
import { browser } from "./browser.mjs";
import { picture, texts, views, words } from "./views.mjs";

for (const [name, open] of Object.entries(views)) {
  const { page, close } = await open();
  await page.screenshot({ path: picture(name) });
  writeFileSync(words(name), (await texts(page, { inView: true })).join("\n") + "\n");
  await close();
}
await browser.close();
