// What the pictures of docs/ show of the page of a real run (run.py), and the words in them.
import { open } from "./browser.mjs";
import { fileURLToPath } from "node:url";

export const picture = (name) => fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
// The words of a picture, line by line.
export const words = (name) => fileURLToPath(new URL(`pictures/${name}.txt`, import.meta.url));

// Each opens the page as its picture shows it.
export const views = {
  "report-1280": () => open("run.html", { width: 1280, height: 860 }),
  "report-table-1280": async () => {
    const opened = await open("run.html", { width: 1280, height: 520 });
    await opened.page.evaluate(() => document.getElementById("files").scrollIntoView());
    return opened;
  },
  "report-400": () => open("run.html", { width: 400, height: 860, colorScheme: "dark" }),
};

// The texts of a page, or of the part of it that is in view, without what differs from run to run.
export async function texts(page, { inView }) {
  const found = await page.evaluate((inView) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.textContent.trim() || !node.parentElement.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const isSeen = [...range.getClientRects()].some(({ top, bottom, width }) => width > 0 && top >= 0 && bottom <= innerHeight);
      if (isSeen || !inView) texts.push(node.textContent);
    }
    return texts;
  }, inView);
  return found.map(comparable);
}

function comparable(text) {
  return text
    .replace(/(\bunder )?\b[\d.]+ (ms|s|min)\b/g, "TIME")
    .replace(/\b[\d.]+ (B|[KMG]iB)(?!\w)/g, "SIZE")
    .replace(/\b[\d.]+x (smaller|larger)\b/g, "RATIO")
    .replace(/\s+/g, " ")
    .trim();
}
