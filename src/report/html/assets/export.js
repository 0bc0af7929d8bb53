// What is filtered, as files.
const TSV_COLUMNS = [
  "path", "state", "reason", "bytes", "modified", "rows", "columns", "dtype", "storage", "chunks", "filters", "genes",
  "samples", "action", "outcome", "output", "bytes_after", "verified", "digest", "error", "hint", "findings",
];

// As `--report FILE.tsv` writes it; the digest is left empty.
function tsvLine(row, whole) {
  const { expr, error, plan } = whole;
  const matrix = expr && expr.shape.length === 2 ? expr.shape : ["", ""];
  const fields = [
    rows.raw.get(row)?.[2] ?? field(whole.path),
    whole.state, field(whole.reason), whole.bytes, field(whole.modified ?? ""), ...matrix,
    field(expr?.dtype ?? ""), expr?.storage ?? "", expr?.chunks?.join("x") ?? "", field(expr?.filters.join(",") ?? ""),
    whole.genes?.count ?? "", whole.samples?.count ?? "", plan.action, whole.outcome ?? "", field(whole.output ?? ""),
    whole.bytes_after ?? "", whole.verified ?? "", "", error ? field(`${error.kind}: ${error.message}`) : "",
    field(error?.hint ?? plan.hint ?? ""), field(whole.findings.map(({ code }) => code).join(",")),
  ];
  return `${fields.join("\t")}\n`;
}

function save(name, parts, type) {
  const link = element("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// In the order of the other reports, block after block, so that memory does not grow with details.
async function saveTsv() {
  const parts = [`${TSV_COLUMNS.join("\t")}\n`];
  let lines = "";
  for (const row of shown.slice().sort()) {
    lines += tsvLine(row, await record(row));
    if (lines.length > 1 << 20) {
      parts.push(new Blob([lines]));
      lines = "";
    }
  }
  save("h5lift-files.tsv", [...parts, lines], "text/tab-separated-values");
  return counted(shown.length, "row");
}

function pathBytes(row) {
  const raw = rows.raw.get(row);
  return raw ? Uint8Array.from(raw[0].match(/../g), (digits) => parseInt(digits, 16)) : rows.path(row);
}

function saveList() {
  const order = shown.slice().sort();
  // A list of lines cannot hold such names.
  const breaks = (row) => /\n|\r$/.test(rows.path(row));
  const separator = order.some(breaks) ? "\0" : "\n";
  const name = separator === "\0" ? "h5lift-files.nul" : "h5lift-files.txt";
  const parts = [];
  for (const row of order) parts.push(pathBytes(row), separator);
  save(name, parts, "application/octet-stream");
  return separator === "\0"
    ? `${counted(order.length, "path")}, ended by NUL since a name holds a line end: read it with --files-from ${name} -0`
    : `${counted(order.length, "path")}: read it with --files-from ${name}`;
}

function makeExport() {
  const saves = (button, work) => {
    byId(button).onclick = async () => {
      byId(button).disabled = true;
      byId("shown").textContent = `Saved ${await work()}`;
      byId(button).disabled = false;
    };
  };
  saves("save-tsv", saveTsv);
  saves("save-list", saveList);
}
