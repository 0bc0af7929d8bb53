// Bytes by folder, with a folder to look into: d3-hierarchy lays it out.
const ICICLE = { height: 340, lowest: 3, labelled: 15 };
let folderTree = null;
let focusedFolder = null;

function treeOfFolders() {
  const root = { name: "", path: "", own: 0, files: 0, decisions: 0, below: new Map() };
  const nodes = rows.values.folder.map((folder) => {
    let node = root;
    const parts = folder.split("/").filter(Boolean);
    if (folder.startsWith("/")) parts.unshift("/");
    for (const name of parts) {
      let next = node.below.get(name);
      if (!next) {
        const path = name === "/" ? "/" : `${node.path}${name}/`;
        next = { name, path, own: 0, files: 0, decisions: 0, below: new Map() };
        node.below.set(name, next);
      }
      node = next;
    }
    return node;
  });
  for (let row = 0; row < rows.length; row += 1) {
    const node = nodes[rows.codes.folder[row]];
    node.own += rows.numbers.bytes[row];
    node.files += 1;
    if (rows.numbers.cause[row] > 0) node.decisions += 1;
  }
  const tree = d3.hierarchy(root, (node) => [...node.below.values()]).sum((node) => node.own);
  tree.eachAfter((node) => {
    const sum = (key) => node.data[key] + (node.children ?? []).reduce((total, child) => total + child[key], 0);
    node.files = sum("files");
    node.decisions = sum("decisions");
  });
  return tree.sort((a, b) => b.value - a.value);
}

const SVG = "http://www.w3.org/2000/svg";

function drawn(name, attributes, ...content) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

const folderName = (node) => (node.data.name ? visible(node.data.name) : "all folders");

function folderBox(node, columns, depth, first) {
  const [top, bottom] = [node.x0, node.x1];
  const label = `${folderName(node)}, ${size(node.value)}, ${counted(node.files, "file")}`;
  const box = drawn("svg", {
    x: `${(100 * depth) / columns}%`, y: top, width: `${100 / columns}%`, height: bottom - top,
  });
  const told = node.decisions ? `${label}, ${count(node.decisions)} in need of a decision` : label;
  const group = drawn("g", { class: "box", role: "button", tabindex: first ? 0 : -1, "aria-label": told });
  group.append(drawn("rect", { class: `folder depth${node.depth % 4}`, width: "100%", height: "100%" }));
  if (node.decisions) group.append(drawn("rect", { class: "decision", width: 4, height: "100%" }));
  if (bottom - top >= ICICLE.labelled) {
    const amount = drawn("tspan", { class: "quiet" }, ` ${size(node.value)}`);
    group.append(drawn("text", { x: 9, y: 13 }, shortened(folderName(node), 48), amount));
  }
  group.append(drawn("title", {}, told));
  group.node = node;
  box.append(group);
  return box;
}

// One box for all folders that are too small for their own.
function restBox(rest, scale, columns, depth) {
  const top = scale(rest[0].x0);
  const height = scale(rest.at(-1).x1) - top;
  const box = drawn("svg", { x: `${(100 * depth) / columns}%`, y: top, width: `${100 / columns}%`, height });
  if (height < ICICLE.lowest) return box;
  const told = `${counted(rest.length, "smaller folder")}, ${size(rest.reduce((sum, node) => sum + node.value, 0))}`;
  box.append(drawn("rect", { class: "folder rest", width: "100%", height: "100%" }), drawn("title", {}, told));
  if (height >= ICICLE.labelled) box.append(drawn("text", { class: "quiet", x: 9, y: 13 }, told));
  return box;
}

function drawFolders(focus) {
  focusedFolder = focus;
  const figure = byId("folders");
  const levels = Math.min(figure.clientWidth < 600 ? 2 : 4, focus.height);
  const columns = levels + 1;
  const x = focus.x1 - focus.x0 || 1;
  const scale = (value) => ((value - focus.x0) / x) * ICICLE.height;
  const svg = drawn("svg", {
    class: "icicle", width: "100%", height: ICICLE.height, role: "group",
    "aria-label": "Bytes by folder. Arrow keys move between folders, Enter looks into one, Escape goes back.",
  });
  const walk = (node) => {
    const depth = node.depth - focus.depth;
    const place = { x0: scale(node.x0), x1: scale(node.x1) };
    const box = folderBox(Object.assign(Object.create(node), place), columns, depth, node === focus);
    box.firstChild.node = node;
    svg.append(box);
    if (depth === levels) return;
    const below = node.children ?? [];
    const tall = below.findIndex((child) => scale(child.x1) - scale(child.x0) < ICICLE.lowest);
    below.slice(0, tall < 0 ? below.length : tall).forEach(walk);
    if (tall >= 0) svg.append(restBox(below.slice(tall), scale, columns, depth + 1));
  };
  walk(focus);
  svg.addEventListener("click", (event) => lookInto(event.target.closest(".box")?.node));
  svg.addEventListener("keydown", folderKey);
  figure.querySelector("svg").replaceWith(svg);
  trail(figure, focus);
}

function lookInto(node) {
  if (!node) return;
  const target = node === focusedFolder ? node.parent : node;
  if (!target) return;
  drawFolders(target);
  byId("folders").querySelector(".box").focus();
}

function folderKey(event) {
  const node = event.target.closest(".box")?.node;
  if (!node) return;
  const siblings = node.parent?.children ?? [node];
  const at = siblings.indexOf(node);
  const next = {
    ArrowRight: () => node.children?.[0],
    ArrowLeft: () => (node === focusedFolder ? null : node.parent),
    ArrowDown: () => (node === focusedFolder ? null : siblings[at + 1]),
    ArrowUp: () => (node === focusedFolder ? null : siblings[at - 1]),
  }[event.key];
  if (next) {
    const target = next();
    for (const box of event.currentTarget.querySelectorAll(".box")) {
      if (box.node !== target) continue;
      event.currentTarget.querySelectorAll(".box").forEach((other) => other.setAttribute("tabindex", -1));
      box.setAttribute("tabindex", 0);
      box.focus();
    }
  } else if (event.key === "Enter" || event.key === " ") lookInto(node);
  else if (event.key === "Escape" || event.key === "Backspace") lookInto(focusedFolder);
  else return;
  event.preventDefault();
}

// The way from the top to the folder that is looked into, and what is in it.
function trail(figure, focus) {
  const steps = focus.ancestors().reverse().filter((node) => node.depth >= folderTree.depth);
  const buttons = steps.map((node) => {
    const button = element("button", { type: "button", "aria-current": node === focus ? "true" : undefined });
    button.textContent = node === folderTree ? visible(node.data.path || "all folders") : `${folderName(node)}/`;
    button.onclick = () => drawFolders(node);
    return button;
  });
  const show = element("button", { type: "button", class: "show" }, `Show its ${counted(focus.files, "file")} in the table`);
  show.onclick = () => {
    filterBy({ folder: focus === folderTree ? "" : focus.data.path });
    byId("files").scrollIntoView();
  };
  const nav = element("nav", { class: "trail", "aria-label": "Folders" }, ...buttons, show);
  figure.querySelector("nav.trail")?.remove();
  figure.querySelector("svg").before(nav);
}

function makeFolders() {
  const tree = treeOfFolders();
  const options = [...tree.descendants()].filter((node) => node.depth > 0).slice(0, 400);
  byId("folder-names").append(...options.map((node) => element("option", { value: node.data.path })));
  if (!byId("folders")) return;
  d3.partition()(tree);
  folderTree = tree;
  while (folderTree.children?.[0]?.files === folderTree.files) folderTree = folderTree.children[0];
  drawFolders(folderTree);
  let width = byId("folders").clientWidth;
  new ResizeObserver(() => {
    if (byId("folders").clientWidth === width) return;
    width = byId("folders").clientWidth;
    drawFolders(focusedFolder);
  }).observe(byId("folders"));
}
