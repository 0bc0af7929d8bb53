// Puts the parts together.
const FILTERS = {
  search: "search", state: "by-state", deed: "by-deed", finding: "by-finding", cause: "by-cause", folder: "by-folder",
};

// Sets some filters and clears the others.
function filterBy(some) {
  for (const [name, id] of Object.entries(FILTERS)) {
    wanted[name] = some[name] ?? "";
    byId(id).value = wanted[name];
  }
  refresh();
}

function fill(id, all, choices) {
  const options = choices.map(([value, label]) => element("option", { value }, label));
  byId(id).append(element("option", { value: "" }, all), ...options);
  byId(id).closest("label").hidden = choices.length === 0;
}

function makeFilters() {
  const words = (column) => [...rows.values[column]].sort().map((word) => [word, word]);
  fill("by-state", "any state", words("state"));
  fill("by-deed", `any ${facts.deed}`, words("deed"));
  const findings = [...new Set(rows.values.findings.flat())].sort().map((code) => [code, visible(code)]);
  fill("by-finding", "with or without", findings.length ? [["any", "any finding"], ...findings] : []);
  const causes = facts.causes.map((cause, at) => [at + 1, `${at + 1}: ${cause.state ?? "others"}, ${cause.deed}`]);
  fill("by-cause", "all files", causes.length ? [["any", "files that need one"], ...causes] : []);
  for (const [name, id] of Object.entries(FILTERS)) {
    byId(id).addEventListener("input", () => {
      wanted[name] = byId(id).value;
      refresh();
    });
  }
  byId("clear").onclick = () => filterBy({});
}

// Words on top that lead to their rows.
function makeLinks() {
  const leads = (filter, label) => {
    const button = element("button", { type: "button", class: "show" }, label);
    button.onclick = () => {
      filterBy(filter);
      byId("files").scrollIntoView();
    };
    return button;
  };
  for (const word of document.querySelectorAll("[data-state]")) {
    const button = leads({ state: word.dataset.state }, word.textContent);
    button.className = word.className;
    button.title = "Show these files in the table";
    word.replaceWith(button);
  }
  for (const item of document.querySelectorAll("[data-cause]")) {
    item.querySelector("h3").append(" ", leads({ cause: item.dataset.cause }, "Show in the table"));
  }
}

function makeTheme() {
  const button = byId("theme");
  const themes = ["system", "light", "dark"];
  let theme = 0;
  button.onclick = () => {
    theme = (theme + 1) % themes.length;
    document.documentElement.dataset.theme = themes[theme];
    button.textContent = `Theme: ${themes[theme]}`;
  };
  button.hidden = false;
}

// On paper the table cannot be scrolled.
const PRINTED = 200;

function makePrint() {
  window.addEventListener("beforeprint", () => {
    const lines = Array.from(shown.subarray(0, PRINTED), (row) => {
      const cells = columns.map((column) => {
        const text = column.key === "path" ? rows.shownPath(row) : column.cell(row);
        return element("td", { class: column.numeric ? "numeric" : column.key }, text);
      });
      return element("tr", {}, ...cells);
    });
    const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column.title)));
    const note = `The first ${count(Math.min(PRINTED, shown.length))} of ${counted(shown.length, "file")}`;
    byId("printed").replaceChildren(
      element("caption", {}, shown.length > PRINTED ? note : counted(shown.length, "file")),
      element("thead", {}, head),
      element("tbody", {}, ...lines),
    );
  });
  window.addEventListener("afterprint", () => byId("printed").replaceChildren());
}

function tellUnreadable(text) {
  byId("unreadable").textContent = text;
  byId("unreadable").hidden = false;
}

async function main() {
  makeTheme();
  if (facts.rows === 0) return;
  if (typeof DecompressionStream === "undefined") {
    tellUnreadable(
      "This browser cannot open the table: it has no DecompressionStream, which Chrome has since version 80, " +
        "Firefox since 113 and Safari since 16.4. Everything above is complete; the rows are in the other reports, too.",
    );
    return;
  }
  byId("table").textContent = `Opening ${counted(facts.rows, "row")} …`;
  try {
    await openRows();
  } catch (error) {
    byId("table").textContent = "";
    tellUnreadable(`The table cannot be opened: its data is not whole (${error.message}). Was the file cut off?`);
    return;
  }
  byId("table").textContent = "";
  for (const id of ["filters", "actions", "keys"]) byId(id).hidden = false;
  makeTable();
  makeFilters();
  makeDetails();
  makeExport();
  makePrint();
  makeLinks();
  await refresh();
  await drawFitted();
  makeFolders();
  document.documentElement.dataset.ready = "true";
  (window.requestIdleCallback ?? setTimeout)(() => pathRanks());
}

main();
