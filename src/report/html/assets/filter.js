// Which rows are shown, and in which order.
const wanted = {
  search: "",
  state: "",
  deed: "",
  finding: "",
  cause: "",
  folder: "",
  column: null,
  descending: false,
};

let shown = new Uint32Array(0);

function matchingRows() {
  const codes = (column, test) => Uint8Array.from(rows.values[column], (value) => (test(value) ? 1 : 0));
  const folders = rows.values.folder;
  const needle = wanted.search.toLowerCase();
  const inFolder = wanted.folder.endsWith("/") ? wanted.folder : `${wanted.folder}/`;
  const folder = wanted.folder && codes("folder", (value) => value.startsWith(inFolder));
  const state = wanted.state && codes("state", (value) => value === wanted.state);
  const deed = wanted.deed && codes("deed", (value) => value === wanted.deed);
  const finding =
    wanted.finding &&
    codes("findings", (codes) => (wanted.finding === "any" ? codes.length > 0 : codes.includes(wanted.finding)));
  const cause = wanted.cause && (wanted.cause === "any" ? (n) => n > 0 : (n) => n === Number(wanted.cause));
  // Most folders hold many files, so a folder is searched once.
  const folderHas = needle && codes("folder", (value) => value.toLowerCase().includes(needle));
  const spansBoth = needle.includes("/");
  const hasNeedle = (row) =>
    folderHas[rows.codes.folder[row]] === 1 ||
    (spansBoth ? folders[rows.codes.folder[row]] + rows.name[row] : rows.name[row]).toLowerCase().includes(needle);
  const found = new Uint32Array(rows.length);
  let length = 0;
  for (let row = 0; row < rows.length; row += 1) {
    if (folder && folder[rows.codes.folder[row]] === 0) continue;
    if (state && state[rows.codes.state[row]] === 0) continue;
    if (deed && deed[rows.codes.deed[row]] === 0) continue;
    if (finding && finding[rows.codes.findings[row]] === 0) continue;
    if (cause && !cause(rows.numbers.cause[row])) continue;
    if (needle && !hasNeedle(row)) continue;
    found[length] = row;
    length += 1;
  }
  return found.subarray(0, length);
}

// The place of each value when all are sorted.
function ranks(values) {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0));
  const places = new Uint32Array(values.length);
  order.forEach((at, place) => (places[at] = place));
  return places;
}

let ranksOfPaths = null;

function pathRanks() {
  if (!ranksOfPaths) {
    const folders = ranks(rows.values.folder);
    const { name, codes } = rows;
    const order = new Uint32Array(rows.length).map((_, at) => at);
    order.sort((a, b) => {
      const apart = folders[codes.folder[a]] - folders[codes.folder[b]];
      return apart || (name[a] < name[b] ? -1 : name[a] > name[b] ? 1 : a - b);
    });
    ranksOfPaths = new Uint32Array(rows.length);
    order.forEach((row, place) => (ranksOfPaths[row] = place));
  }
  return ranksOfPaths;
}

// What a column is sorted by, a number for each row.
const SORT_KEYS = {
  path: pathRanks,
  state: () => {
    const places = ranks(rows.values.state);
    return rows.codes.state.map((code) => places[code]);
  },
  deed: () => {
    const places = ranks(rows.values.deed);
    return rows.codes.deed.map((code) => places[code]);
  },
  bytes: () => rows.numbers.bytes,
  after: () => rows.numbers.after,
  matrix: () => rows.numbers.genes.map((genes, row) => genes * rows.numbers.samples[row]),
  findings: () => {
    const lengths = rows.values.findings.map((codes) => codes.length);
    return rows.codes.findings.map((code) => lengths[code]);
  },
  took: () => rows.numbers.took,
  modified: () => rows.numbers.modified,
};

// All rows in the order of a column, those without a value at the end. Sorted numbers and a search for the place of
// each row take a tenth of a sort that compares rows.
function orderBy(keys) {
  const sorted = Float64Array.from(keys).sort();
  let present = sorted.length;
  while (present > 0 && Number.isNaN(sorted[present - 1])) present -= 1;
  const taken = new Uint32Array(present);
  const order = new Uint32Array(keys.length);
  let missing = present;
  for (let row = 0; row < keys.length; row += 1) {
    const key = keys[row];
    if (Number.isNaN(key)) {
      order[missing] = row;
      missing += 1;
      continue;
    }
    let low = 0;
    let high = present;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < key) low = middle + 1;
      else high = middle;
    }
    order[low + taken[low]] = row;
    taken[low] += 1;
  }
  return { order, present };
}

const orders = new Map();

function choose() {
  shown = matchingRows();
  if (!wanted.column) return;
  if (!orders.has(wanted.column)) orders.set(wanted.column, orderBy(SORT_KEYS[wanted.column]()));
  const { order, present } = orders.get(wanted.column);
  const is = new Uint8Array(rows.length);
  for (const row of shown) is[row] = 1;
  const sorted = new Uint32Array(shown.length);
  let length = 0;
  for (let at = 0; at < order.length; at += 1) {
    const row = order[wanted.descending && at < present ? present - 1 - at : at];
    if (is[row] === 0) continue;
    sorted[length] = row;
    length += 1;
  }
  shown = sorted;
}
