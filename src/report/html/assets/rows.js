// The rows: columns that are opened at once, and details that are opened on demand.
const facts = JSON.parse(byId("facts").textContent);

function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function opened(block) {
  const stream = new Blob([decoded(block.textContent)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).json();
}

// Values that occur in many rows, each of them once.
class Dictionary {
  values = [];
  codes = new Map();

  code(value) {
    const key = typeof value === "string" ? value : JSON.stringify(value);
    let code = this.codes.get(key);
    if (code === undefined) {
      code = this.values.length;
      this.codes.set(key, code);
      this.values.push(value);
    }
    return code;
  }
}

const rows = {
  length: 0,
  name: [],
  raw: new Map(),
  codes: {},
  values: {},
  numbers: {},

  path(row) {
    return this.values.folder[this.codes.folder[row]] + this.name[row];
  },
  shownPath(row) {
    const raw = this.raw.get(row);
    return raw ? raw[1] : visible(this.path(row));
  },
  value(column, row) {
    return this.values[column][this.codes[column][row]];
  },
  // `null` where a row has none.
  number(column, row) {
    const number = this.numbers[column][row];
    return Number.isNaN(number) ? null : number;
  },
};

async function openRows() {
  const CODED = ["folder", "state", "deed", "dtype", "findings"];
  const NUMBERS = ["bytes", "after", "genes", "samples", "cause", "modified", "nanoseconds", "took"];
  const dictionaries = Object.fromEntries(CODED.map((name) => [name, new Dictionary()]));
  for (const name of CODED) {
    rows.codes[name] = new Uint32Array(facts.rows);
    rows.values[name] = dictionaries[name].values;
  }
  for (const name of NUMBERS) rows.numbers[name] = new Float64Array(facts.rows).fill(NaN);
  for (const block of document.querySelectorAll("script.columns")) {
    const columns = await opened(block);
    block.remove();
    const start = rows.length;
    for (const name of CODED) {
      const codes = columns[name].values.map((value) => dictionaries[name].code(value));
      rows.codes[name].set(columns[name].rows.map((code) => codes[code]), start);
    }
    for (const name of NUMBERS) {
      const target = rows.numbers[name];
      columns[name].forEach((number, at) => {
        if (number !== null) target[start + at] = number;
      });
    }
    for (const name of columns.name) rows.name.push(name);
    for (const [at, raw] of Object.entries(columns.raw)) rows.raw.set(start + Number(at), raw);
    rows.length = rows.name.length;
  }
}

const detailBlocks = document.querySelectorAll("script.details");
let detailsOpened = { block: -1, details: null };

async function detailsOf(block) {
  if (detailsOpened.block !== block) {
    const details = await opened(detailBlocks[block]);
    // Where the numbers of each row begin.
    const marks = details.pattern.values.map((pattern) => pattern.match(/[\x01\x02]/g)?.length ?? 0);
    let start = 0;
    details.starts = details.pattern.rows.map((code) => {
      const own = start;
      start += marks[code];
      return own;
    });
    detailsOpened = { block, details };
  }
  return detailsOpened.details;
}

function timeText(row) {
  const seconds = rows.number("modified", row);
  if (seconds === null) return null;
  const fraction = String(rows.number("nanoseconds", row)).padStart(9, "0").replace(/0+$/, "");
  return new Date(seconds * 1000).toISOString().replace(".000Z", fraction ? `.${fraction}Z` : "Z");
}

// The record of a row as the JSON reports hold it, but for its digest.
async function record(row) {
  const details = await detailsOf(Math.floor(row / facts.rows_per_block));
  const at = row % facts.rows_per_block;
  const path = rows.path(row);
  let number = details.starts[at];
  const json = details.pattern.values[details.pattern.rows[at]].replace(
    /\x01|\x02([a-o])|\x03(\d+)\x03/g,
    (mark, width, offset) => {
      if (offset !== undefined) return path.slice(Number(offset));
      const digits = String(details.numbers[number]);
      number += 1;
      return width === undefined ? digits : digits.padStart(width.charCodeAt(0) - 96, "0");
    },
  );
  const whole = JSON.parse(json);
  whole.path = path;
  if (rows.raw.has(row)) whole.path_bytes = rows.raw.get(row)[0];
  whole.bytes = rows.number("bytes", row);
  whole.bytes_after = rows.number("after", row);
  whole.modified ??= timeText(row);
  for (const axis of ["genes", "samples"]) {
    if (whole[axis]) {
      const [last, ...first] = details[axis].values[details[axis].rows[at]];
      Object.assign(whole[axis], { first, last });
    }
  }
  return whole;
}
