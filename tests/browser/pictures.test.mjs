// The pictures of docs/ show no text that the page of today's program does not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { browser } from "./browser.mjs";
import { texts, views, words } from "./views.mjs";

after(() => browser.close());

for (const [name, open] of Object.entries(views)) {
  test(`docs/${name}.png shows what the program prints`, async () => {
    const { page, complaints, close } = await open();
    const today = new Set(await texts(page, { inView: false }));
    const drawn = readFileSync(words(name), "utf8").trim().split("\n");
    assert.ok(drawn.length > 20, `${drawn.length} texts`);
    assert.deepEqual(drawn.filter((text) => !today.has(text)), [], "draw it anew by `make browser-pictures`");
    assert.deepEqual(complaints, []);
    await close();
  });
}
