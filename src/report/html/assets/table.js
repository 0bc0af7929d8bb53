// The table: only rows that can be seen are elements.
const TONES = {
  legacy: "work", hybrid: "work", text: "work", current: "good",
  "not-expression": "quiet", foreign: "quiet", "not-hdf5": "quiet",
  migrated: "good", converted: "good", verified: "good",
  migrate: "work", convert: "work", skip: "quiet", skipped: "quiet",
};
const tone = (word) => TONES[word] ?? "bad";
const tag = (word, kind) => element("span", { class: `${kind} ${tone(word)}` }, word);

const table = element("regular-table");
let columns = [];
let active = 0;
let pathWidth = 40;

function columnsOfTable() {
  const has = (name) => rows.numbers[name].some((number) => !Number.isNaN(number));
  const number = (name, write) => (row) => {
    const value = rows.number(name, row);
    return value === null ? "" : write(value);
  };
  const all = [
    { key: "path", title: "Path", cell: (row) => shortened(rows.shownPath(row), pathWidth) },
    { key: "state", title: "State", cell: (row) => tag(rows.value("state", row), "state") },
    { key: "deed", title: facts.deed === "plan" ? "Plan" : "Outcome", cell: (row) => tag(rows.value("deed", row), "deed") },
    { key: "bytes", title: "Size", cell: number("bytes", size), numeric: true },
    { key: "after", title: "After", cell: number("after", size), numeric: true },
    { key: "matrix", title: "Matrix", cell: matrixText, numeric: true },
    { key: "findings", title: "Findings", cell: (row) => findingsText(rows.value("findings", row)) },
    { key: "took", title: "Time", cell: number("took", duration), numeric: true },
    { key: "modified", title: "Modified", cell: (row) => timeText(row)?.slice(0, 10) ?? "", numeric: true },
  ];
  const optional = { after: "after", matrix: "genes", took: "took", modified: "modified" };
  return all.filter(({ key }) => !(key in optional) || has(optional[key]));
}

function matrixText(row) {
  const genes = rows.number("genes", row);
  if (genes === null) return "";
  return `${count(genes)} × ${count(rows.number("samples", row))} ${visible(rows.value("dtype", row))}`;
}

function findingsText(codes) {
  if (codes.length === 0) return "";
  const first = visible(codes[0]);
  return codes.length === 1 ? first : `${first} + ${codes.length - 1}`;
}

function sortBy(key) {
  if (wanted.column !== key) Object.assign(wanted, { column: key, descending: false });
  else if (!wanted.descending) wanted.descending = true;
  else Object.assign(wanted, { column: null, descending: false });
  refresh();
}

// A column's head is a button; it is kept, so that it keeps the focus.
function heads() {
  for (const column of columns) {
    const direction = wanted.column === column.key ? (wanted.descending ? " ↓" : " ↑") : "";
    column.head ??= element("button", { type: "button", class: "head" });
    column.head.onclick = () => sortBy(column.key);
    column.head.textContent = column.title + direction;
  }
  return columns.map((column) => [column.head]);
}

async function cells(x0, y0, x1, y1) {
  const visibleRows = shown.subarray(y0, y1);
  return {
    num_rows: shown.length,
    num_columns: columns.length,
    column_headers: heads().slice(x0, x1),
    data: columns.slice(x0, x1).map((column) => Array.from(visibleRows, column.cell)),
  };
}

// What the library does not say of rows and columns to a screen reader.
function describe() {
  const inner = table.querySelector("table");
  inner.setAttribute("role", "grid");
  inner.setAttribute("aria-label", "Files");
  inner.setAttribute("aria-rowcount", shown.length + 1);
  inner.setAttribute("aria-colcount", columns.length);
  inner.setAttribute("aria-describedby", "keys");
  for (const head of inner.querySelectorAll("thead th")) {
    const column = columns[table.getMeta(head)?.x];
    head.scope = "col";
    if (!column) continue;
    head.classList.toggle("numeric", Boolean(column.numeric));
    const order = wanted.descending ? "descending" : "ascending";
    head.setAttribute("aria-sort", wanted.column === column.key ? order : "none");
  }
  const focused = document.activeElement?.closest?.("tr");
  const hadFocus = focused && inner.contains(focused) && focused === document.activeElement;
  for (const line of inner.querySelectorAll("tbody tr")) {
    const meta = table.getMeta(line.firstElementChild);
    if (!meta) continue;
    const isActive = meta.y === active;
    line.setAttribute("aria-rowindex", meta.y + 2);
    line.tabIndex = isActive ? 0 : -1;
    line.classList.toggle("active", isActive);
    for (const cell of line.children) {
      const column = columns[table.getMeta(cell)?.x];
      cell.className = column?.numeric ? "numeric" : (column?.key ?? "");
      if (column?.key === "path") {
        cell.title = rows.shownPath(shown[meta.y]);
        cell.setAttribute("role", "rowheader");
      }
    }
    if (isActive && hadFocus && line !== document.activeElement) line.focus({ preventScroll: true });
  }
  if (!inner.querySelector("tr.active")) {
    const first = inner.querySelector("tbody tr");
    if (first) first.tabIndex = 0;
  }
}

function lineOf(y) {
  for (const line of table.querySelectorAll("tbody tr")) {
    if (table.getMeta(line.firstElementChild)?.y === y) return line;
  }
  return null;
}

// Scrolls as little as is needed, and puts the focus on the row.
async function goTo(y, focus = true) {
  active = Math.max(0, Math.min(y, shown.length - 1));
  const height = table.querySelector("tbody tr")?.offsetHeight || 28;
  const fitting = table.clientHeight / height - 1;
  const scrollable = Math.max(1, shown.length - fitting);
  const range = table.scrollHeight - table.clientHeight;
  const first = (table.scrollTop / Math.max(1, range)) * scrollable;
  if (active < first) table.scrollTop = (active / scrollable) * range;
  else if (active > first + fitting - 2) table.scrollTop = ((active - fitting + 2) / scrollable) * range;
  await table.draw();
  await table.flush();
  if (focus) lineOf(active)?.focus({ preventScroll: true });
}

function moveByKey(event) {
  const line = event.target.closest?.("tbody tr");
  if (!line) return;
  const y = table.getMeta(line.firstElementChild).y;
  const page = Math.max(1, Math.floor(table.clientHeight / line.offsetHeight) - 2);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length };
  if (event.key in steps) goTo(y + steps[event.key]);
  else if (event.key === "Enter" || event.key === " ") openDetails(y);
  else return;
  event.preventDefault();
}

function makeTable() {
  columns = columnsOfTable();
  table.setDataListener(cells);
  table.addStyleListener(describe);
  table.addEventListener("keydown", moveByKey);
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("tbody td, tbody th");
    const meta = cell && table.getMeta(cell);
    if (meta?.y !== undefined) openDetails(meta.y);
  });
  byId("table").append(table);
  table.removeAttribute("tabindex");
  new ResizeObserver(drawFitted).observe(byId("table"));
}

const LEAST_PATH = { wide: 40, narrow: 26 };

// Paths get what other columns leave, and on a small screen enough to tell them apart.
async function drawFitted() {
  await table.draw();
  const width = table.clientWidth;
  const drawn = table.querySelector("table")?.offsetWidth ?? width;
  const more = Math.floor((width - drawn) / 7.4);
  const least = width < 600 ? LEAST_PATH.narrow : LEAST_PATH.wide;
  const fitting = Math.max(least, Math.min(100, pathWidth + more));
  if (fitting === pathWidth || (more >= 0 && more < 3)) return;
  pathWidth = fitting;
  table.resetAutoSize({ auto: true, indices: true });
  await table.draw();
}

function refresh() {
  choose();
  active = 0;
  table.scrollTop = 0;
  table.resetAutoSize({ auto: true, indices: true });
  byId("shown").textContent =
    shown.length === rows.length
      ? counted(rows.length, "file")
      : `${count(shown.length)} of ${counted(rows.length, "file")}`;
  return table.draw();
}
