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

function choose() {
  shown = matchingRows();
  if (!wanted.column) return;
  const keys = SORT_KEYS[wanted.column]();
  const sign = wanted.descending ? -1 : 1;
  shown = shown.slice().sort((a, b) => {
    const [left, right] = [keys[a], keys[b]];
    if (left === right) return a - b;
    // Rows without a value come last in either order.
    if (Number.isNaN(left)) return Number.isNaN(right) ? a - b : 1;
    if (Number.isNaN(right)) return -1;
    return sign * (left - right);
  });
}
