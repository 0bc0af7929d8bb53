// The screenshots of docs/report.md.
import { browser, open } from "./browser.mjs";
import { fileURLToPath } from "node:url";

const docs = (name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

const wide = await open("small.html", { width: 1280, height: 860 });
await wide.page.screenshot({ path: docs("report-1280.png") });
await wide.page.setViewportSize({ width: 1280, height: 520 });
await wide.page.evaluate(() => document.getElementById("files").scrollIntoView());
await wide.page.screenshot({ path: docs("report-table-1280.png") });
await wide.close();

const narrow = await open("small.html", { width: 400, height: 860, colorScheme: "dark" });
await narrow.page.screenshot({ path: docs("report-400.png") });
await narrow.close();
await browser.close();
