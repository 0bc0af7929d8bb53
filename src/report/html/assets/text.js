// Text from files and file names as it is shown: whatever acts on a display is spelled out, as in the other reports.
const ACTING =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function spelled(c) {
  const code = c.codePointAt(0);
  if (c === "\n") return "\\n";
  if (c === "\r") return "\\r";
  if (c === "\t") return "\\t";
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

const visible = (text) => text.replace(ACTING, spelled);

// A field of TSV, which reads back.
const field = (text) => visible(text.replaceAll("\\", "\\\\"));

// An argument as a shell has to be given it.
function quoted(argument) {
  const word = argument.startsWith("-") ? `./${argument}` : argument;
  if (word.search(ACTING) >= 0) {
    const utf8 = (c) => [...new TextEncoder().encode(c)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
    const safe = word.replace(/[\\']/g, "\\$&").replace(ACTING, (c) => utf8(c).join(""));
    return `$'${safe}'`;
  }
  return /^[\p{L}\p{N}/._\-+,:@%=]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const count = (n) => n.toLocaleString("en-US");
const counted = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

// `999 B`, `1.5 KiB`, `38.1 MiB`, as everywhere in the reports.
function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1024;
    unit += 1;
  } while (Math.round(value) >= 1024 && unit < 5);
  const digits = Math.round(value * 10) < 1000 ? 1 : 0;
  return `${value.toFixed(digits)} ${["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][unit]}`;
}

function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 100) return `${milliseconds} ms`;
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} min`;
}

// The middle is left out, since paths differ at their ends.
function shortened(text, most) {
  if (text.length <= most) return text;
  const characters = [...text];
  if (characters.length <= most) return text;
  const start = Math.floor(most / 4);
  return `${characters.slice(0, start).join("")}…${characters.slice(start + 1 - most).join("")}`;
}

// An element with text or other elements in it; nothing is ever read as HTML.
function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...content);
  return made;
}

const byId = (id) => document.getElementById(id);

// The table's library needs it; browsers have it since 2024.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
