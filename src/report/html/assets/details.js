// One row in full.
let openRow = 0;

function definition(list, label, value) {
  if (value === null || value === undefined || value === "") return;
  list.append(element("div", {}, element("dt", {}, label), element("dd", {}, value)));
}

const shapeText = (shape) => (shape.length ? shape.map(count).join(" × ") : "(scalar)");

function namesText(axis) {
  if (!axis) return null;
  const place = axis.place ? ` (${visible(axis.place)})` : "";
  const first = axis.first.map(visible).join(", ");
  const last = axis.last !== null && axis.count > axis.first.length ? `, …, ${visible(axis.last)}` : "";
  return `${count(axis.count)} ${visible(axis.type)} in ${visible(axis.source)}${place}: ${first}${last}`;
}

function storedText(expr) {
  const chunks = expr.chunks ? ` in chunks of ${shapeText(expr.chunks)}` : "";
  const filters = expr.filters.length ? `, ${expr.filters.map(visible).join(", ")}` : "";
  const bytes = expr.stored_bytes ? `, ${size(expr.stored_bytes)}` : "";
  return `${expr.storage}${chunks}${filters}${bytes}`;
}

function writtenText(written) {
  const level = written.level === null ? "" : ` ${written.level}`;
  return `${visible(written.encoder)}${level}${written.shuffle ? ", shuffled" : ""}, in chunks of ${shapeText(written.chunks)}`;
}

function commandsOf(row, whole) {
  const cause = facts.causes[rows.numbers.cause[row] - 1];
  if (!cause) return [];
  if (cause.again) return facts.command_line ? [facts.command_line] : [];
  if (facts.command === "convert") return cause.options.map((option) => `${facts.command_line} ${option}`);
  const isText = whole.path_bytes === undefined;
  const path = isText ? quoted(whole.path) : "--files-from LIST -0";
  return cause.options.map((option) => `h5lift migrate ${path} --out-dir NEW ${option}`);
}

function part(title, ...content) {
  return element("section", {}, element("h3", {}, title), ...content);
}

function list(items) {
  return element("ul", {}, ...items.map((item) => element("li", {}, item)));
}

// Text in which the names of options are not broken behind their hyphens.
function withOptions(text) {
  return visible(text).split(/(?<= |^)(--[a-z0-9-]{1,38})/).map((part) =>
    part.startsWith("--") ? element("span", { class: "option" }, part) : part,
  );
}

function placesText(places) {
  return places.map(({ line, column, message, text, help }) =>
    `line ${line}, column ${column}: ${visible(message)}\n  ${visible(text)}\n  help: ${visible(help)}`,
  ).join("\n");
}

function factsOf(row, whole) {
  const facts = element("dl", { class: "facts" });
  const { expr, written_as: written } = whole;
  definition(facts, "Size", `${size(whole.bytes)} (${count(whole.bytes)} bytes)`);
  if (whole.bytes_after !== null) {
    definition(facts, "New file", `${size(whole.bytes_after)} (${count(whole.bytes_after)} bytes)`);
  }
  definition(facts, "Modified", whole.modified);
  if (expr) {
    definition(facts, "Matrix", `${visible(expr.path)}: ${shapeText(expr.shape)} ${visible(expr.dtype)}`);
    definition(facts, "Stored as", storedText(expr));
  }
  definition(facts, "Genes", namesText(whole.genes));
  definition(facts, "Samples", namesText(whole.samples));
  definition(facts, "Written to", whole.output && visible(whole.output));
  definition(facts, "Written as", written && writtenText(written));
  definition(facts, "Verified", whole.verified);
  definition(facts, "Original kept at", whole.backup && visible(whole.backup));
  definition(facts, "Lost chunks", whole.lost_chunks && count(whole.lost_chunks));
  const took = rows.number("took", row);
  definition(facts, "Time", took === null ? null : duration(took));
  return facts;
}

function contentOf(row, whole) {
  const content = [element("p", { class: "reason" }, visible(whole.reason))];
  const { error, plan, findings } = whole;
  if (error) {
    const told = error.message === whole.reason ? [] : [element("p", {}, visible(error.message))];
    if (error.hint) told.push(element("p", { class: "help" }, ...withOptions(error.hint)));
    if (error.places) told.push(element("pre", {}, placesText(error.places)));
    content.push(part(`Error: ${visible(error.kind)}`, ...told));
  } else if (plan.hint) {
    content.push(part("What to do", element("p", { class: "help" }, ...withOptions(plan.hint))));
  }
  const commands = commandsOf(row, whole);
  if (commands.length) {
    const title = commands.length === 1 ? "Command that settles it" : "One of these commands settles it";
    content.push(part(title, ...commands.map((text) => element("pre", {}, element("code", {}, ...withOptions(text))))));
  }
  if (findings.length) {
    content.push(part("Findings", list(findings.map(({ code, detail }) => {
      const item = document.createDocumentFragment();
      item.append(element("b", {}, visible(code)), `: ${visible(detail)}`);
      return item;
    }))));
  }
  if (plan.steps.length) content.push(part(`Plan: ${plan.action}`, list(plan.steps.map(visible))));
  content.push(part("Facts", factsOf(row, whole)));
  const json = element("pre", {}, visible(JSON.stringify(whole, null, 1)).replaceAll("\\n", "\n"));
  content.push(element("details", {}, element("summary", {}, "Record as JSON, without its digest"), json));
  return content;
}

async function openDetails(y) {
  if (y < 0 || y >= shown.length) return;
  openRow = y;
  const row = shown[y];
  const whole = await record(row);
  const step = (label, by) => {
    const button = element("button", { type: "button", disabled: y + by < 0 || y + by >= shown.length }, label);
    button.onclick = () => openDetails(openRow + by);
    return button;
  };
  const close = element("button", { type: "button", class: "close" }, "Close");
  close.onclick = () => byId("details").close();
  const dialog = byId("details");
  dialog.replaceChildren(
    element("nav", {}, step("Previous", -1), step("Next", 1), element("span", {}, `${count(y + 1)} of ${count(shown.length)}`), close),
    element("h2", { id: "details-path" }, rows.shownPath(row)),
    element("p", { class: "tags" }, tag(whole.state, "state"), " ", tag(rows.value("deed", row), "deed")),
    ...contentOf(row, whole),
  );
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function makeDetails() {
  const dialog = byId("details");
  dialog.addEventListener("close", () => goTo(openRow));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && event.altKey) openDetails(openRow + by);
  });
}
