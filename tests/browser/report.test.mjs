// What a person does with a report: mouse, keyboard, screen reader, paper, and files whose names mean harm.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import axe from "axe-core";
import { browser, file, open, saved } from "./browser.mjs";

after(() => browser.close());

const lines = (name) => readFileSync(file(name), "utf8").replace(/\n$/, "").split("\n");
const records = (name) => lines(name).map((line) => JSON.parse(line));
const shown = (page) => page.textContent("#shown");
const firstPath = (page) => page.getAttribute("regular-table tbody tr:first-child td", "title");

// A table of the other report, with the column that pages do not hold left empty.
function tableWithoutDigests(name) {
  const [head, ...rows] = lines(name).map((line) => line.split("\t"));
  const digest = head.indexOf("digest");
  return [head, ...rows.map((row) => row.with(digest, ""))].map((row) => `${row.join("\t")}\n`).join("");
}

async function violations(page) {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() => window.axe.run());
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" | ")}`);
}

for (const name of ["small", "odd"]) {
  test(`rows saved from ${name} are those of the other reports`, async () => {
    const { page, complaints, close } = await open(`${name}.html`);
    assert.equal(String(await saved(page, "#save-tsv")), tableWithoutDigests(`${name}.tsv`));
    const rows = records(`${name}.jsonl`);
    const paths = rows.map(({ path, path_bytes }) => (path_bytes ? Buffer.from(path_bytes, "hex") : Buffer.from(path)));
    const separator = name === "odd" ? "\0" : "\n";
    const list = Buffer.concat(paths.flatMap((path) => [path, Buffer.from(separator)]));
    assert.deepEqual(await saved(page, "#save-list"), list);
    assert.match(await shown(page), name === "odd" ? /-0$/ : /--files-from h5lift-files.txt$/);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("sums on top are those of the rows", async () => {
  const { page, close } = await open("small.html");
  const rows = records("small.jsonl");
  const counts = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  const table = await page.$$eval("table.numbers tbody tr", (lines) =>
    lines.map((line) => [...line.cells].slice(0, 2).map((cell) => cell.textContent)));
  const expected = table.map(([state]) => [state, String(counts[state])]);
  assert.deepEqual(table, expected);
  assert.equal(table.length, Object.keys(counts).length);
  const refused = rows.filter(({ outcome }) => ["refused", "failed"].includes(outcome)).length;
  await page.selectOption("#by-cause", "any");
  assert.equal(await shown(page), `${refused} of 400 files`);
  await close();
});

test("filters narrow the rows, and clear", async () => {
  const { page, complaints, close } = await open("small.html");
  const rows = records("small.jsonl");
  const expected = async (test) => assert.equal(await shown(page), `${rows.filter(test).length} of 400 files`);
  await page.fill("#search", "gsm12");
  await expected(({ path }) => path.includes("GSM12"));
  await page.selectOption("#by-state", "hybrid");
  await expected(({ path, state }) => path.includes("GSM12") && state === "hybrid");
  await page.click("#clear");
  assert.equal(await shown(page), "400 files");
  await page.selectOption("#by-finding", "duplicate-gene-names");
  await expected(({ findings }) => findings.length > 0);
  await page.click("#clear");
  await page.selectOption("#by-deed", "migrated");
  await expected(({ outcome }) => outcome === "migrated");
  const filtered = String(await saved(page, "#save-tsv")).trimEnd().split("\n");
  assert.equal(filtered.length - 1, rows.filter(({ outcome }) => outcome === "migrated").length);
  await page.click("#clear");
  await page.fill("#by-folder", "archive/lab-00/GSE100037");
  await expected(({ path }) => path.startsWith("archive/lab-00/GSE100037/"));
  await page.fill("#search", "no such path");
  assert.equal(await shown(page), "0 of 400 files");
  await page.click("#clear");
  await page.click("button[data-state], button.state >> nth=0");
  assert.equal(await page.inputValue("#by-state"), "legacy");
  await page.click("[data-cause='1'] button");
  assert.equal(await page.inputValue("#by-cause"), "1");
  assert.deepEqual(complaints, []);
  await close();
});

test("columns sort up, down and not at all", async () => {
  const { page, close } = await open("small.html");
  const rows = records("small.jsonl");
  const head = page.locator("regular-table thead button", { hasText: "Size" });
  const sorted = rows.toSorted((a, b) => a.bytes - b.bytes);
  await head.click();
  assert.equal(await firstPath(page), sorted[0].path);
  assert.equal(await page.getAttribute("thead th[aria-sort=ascending]", "scope"), "col");
  await head.click();
  assert.equal(await firstPath(page), sorted.at(-1).path);
  await head.click();
  assert.equal(await firstPath(page), rows[0].path);
  await page.locator("regular-table thead button", { hasText: "After" }).click();
  const withAfter = rows.filter(({ bytes_after }) => bytes_after !== null);
  assert.equal(await firstPath(page), withAfter.toSorted((a, b) => a.bytes_after - b.bytes_after)[0].path);
  await close();
});

test("a row opens to its whole record, by mouse and by keyboard", async () => {
  const { page, complaints, close } = await open("small.html");
  const rows = records("small.jsonl");
  const refused = rows.findIndex(({ outcome, state }) => outcome === "refused" && state === "nameless");
  await page.fill("#search", rows[refused].path);
  await page.click("regular-table tbody td");
  await page.waitForSelector("dialog[open]");
  const text = await page.textContent("#details");
  for (const part of [rows[refused].path, rows[refused].reason, rows[refused].error.hint,
    `h5lift migrate ${rows[refused].path} --out-dir NEW --names-from FILE`]) {
    assert.ok(text.includes(part), part);
  }
  await page.click("#details summary");
  const record = JSON.parse(await page.textContent("#details details pre"));
  assert.deepEqual({ ...record, digest: rows[refused].digest }, rows[refused]);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);

  await page.click("#clear");
  await page.focus("regular-table tbody tr");
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"]) await page.keyboard.press(key);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.equal(await page.textContent("#details-path"), rows[2].path);
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForFunction((path) => document.getElementById("details-path").textContent === path, rows[3].path);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement.matches("tr[aria-rowindex='5']"));
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement.matches("tr[aria-rowindex='401']"));
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.activeElement.matches("tr[aria-rowindex='2']"));
  assert.deepEqual(complaints, []);
  await close();
});

test("folders are looked into by mouse and by keyboard", async () => {
  const { page, complaints, close } = await open("large.html");
  const rows = records("large.jsonl");
  const label = () => page.getAttribute("#folders .box >> nth=0", "aria-label");
  assert.match(await label(), /^archive, /);
  const boxes = await page.locator("#folders .box").count();
  assert.ok(boxes > 10, String(boxes));
  await page.click("#folders .box[aria-label^='lab-']");
  assert.match(await label(), /^lab-\d+, /);
  await page.focus("#folders .box");
  await page.keyboard.press("ArrowRight");
  const child = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(child, /^GSE\d+, /);
  await page.keyboard.press("Enter");
  assert.equal(await label(), child);
  await page.click("#folders .trail .show");
  const folder = await page.inputValue("#by-folder");
  assert.ok(child.startsWith(folder.split("/").at(-2)), folder);
  const inside = rows.filter(({ path }) => path.startsWith(folder)).length;
  assert.ok((await shown(page)).startsWith(`${inside} of `));
  await page.focus("#folders .box");
  await page.keyboard.press("Escape");
  assert.match(await label(), /^lab-\d+, /);
  await page.click("#folders .trail button >> nth=0");
  assert.match(await label(), /^archive, /);
  assert.deepEqual(complaints, []);
  await close();
});

test("light and dark follow the system, or the button", async () => {
  const { page, close } = await open("small.html", { colorScheme: "dark" });
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await back();
  await page.click("#theme");
  const light = await back();
  assert.equal(light, "rgb(255, 255, 255)");
  assert.notEqual(dark, light);
  await page.click("#theme");
  assert.equal(await back(), dark);
  assert.equal(await page.textContent("#theme"), "Theme: dark");
  await close();
});

for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [400, "light"], [400, "dark"]]) {
  test(`nothing serious for axe at ${width} pixels, ${colorScheme}`, async () => {
    for (const name of ["odd.html", "small.html"]) {
      const { page, close } = await open(name, { width, colorScheme });
      assert.deepEqual(await violations(page), []);
      await page.click("regular-table tbody td");
      await page.waitForSelector("dialog[open]");
      assert.deepEqual(await violations(page), []);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `the page is ${wider} pixels too wide`);
      await close();
    }
  });
}

test("hostile names run nothing", async () => {
  const { page, complaints, close } = await open("odd.html", {
    init: () => addEventListener("securitypolicyviolation", (event) => (window.violation = event.violatedDirective)),
  });
  const number = records("odd.jsonl").length;
  await page.click("regular-table tbody td");
  for (let row = 1; row < number; row += 1) {
    await page.getByRole("button", { name: "Next" }).click();
    await page.waitForFunction((n) => document.querySelector("#details nav span").textContent.startsWith(`${n} of`), row + 1);
  }
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => window.hit ?? window.violation), undefined);
  assert.equal(await page.locator("img, iframe, object, embed, link, base, form").count(), 0);
  assert.equal(await page.locator("script:not([type='application/json'], [type='application/gzip'])").count(), 3);
  const text = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\x1b\x7f-\x9f]/);
  assert.deepEqual(complaints, []);
  await close();
});

test("the policy refuses what the page does not bring", async () => {
  const { page, close } = await open("odd.html");
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.foreign = 1";
    document.body.append(script);
    const image = document.createElement("img");
    image.setAttribute("onerror", "window.foreign = 1");
    image.src = "data:,x";
    document.body.append(image);
    const fetched = await fetch("data:,x").then(() => true, () => false);
    await new Promise((done) => setTimeout(done, 100));
    return { foreign: window.foreign, fetched };
  });
  assert.deepEqual(ran, { foreign: undefined, fetched: false });
  await close();
});

test("without scripts the upper part is complete", async () => {
  const { page, close } = await open("small.html", { javaScriptEnabled: false, ready: false });
  assert.match(await page.textContent("h1"), /of 400 files were migrated/);
  assert.match(await page.textContent(".causes"), /--names-from FILE/);
  assert.ok((await page.locator("figure svg").count()) >= 6);
  assert.ok(await page.locator("noscript p").isVisible());
  assert.ok(!(await page.locator("#filters").isVisible()));
  await close();
});

test("a browser that cannot open the rows says so", async () => {
  const { page, close } = await open("small.html", { ready: false, init: () => delete window.DecompressionStream });
  assert.match(await page.textContent("#unreadable:visible"), /no DecompressionStream.*Firefox since 113/);
  await close();
});

test("a file that is not whole says so", async () => {
  const html = readFileSync(file("small.html"), "utf8");
  const at = html.indexOf('class="columns">') + 16;
  writeFileSync(file("broken.html"), html.slice(0, at) + html.slice(at + 4000));
  const { page, close } = await open("broken.html", { ready: false });
  await page.waitForSelector("#unreadable:visible");
  assert.match(await page.textContent("#unreadable"), /its data is not whole/);
  await close();
});

test("paper gets the sums, the pictures and the first rows", async () => {
  const { page, close } = await open("small.html");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const [, width, height] = /MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString("latin1"));
  assert.deepEqual([Math.round(width), Math.round(height)], [595, 842]);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("#printed tbody tr").count(), 200);
  assert.match(await page.textContent("#printed caption"), /The first 200 of 400 files/);
  assert.ok(!(await page.locator("#table").isVisible()));
  assert.ok(!(await page.locator("#filters").isVisible()));
  await close();
});
