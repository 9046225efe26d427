/** Embeds, files and pictures of a message. Sources are the server's own; no other is ever asked. */
import { h } from "./dom.js";
import { link, marked } from "./marked.js";
import { safeAddress } from "./markdown.js";
import { sentAt } from "./times.js";

const OWN = /^\/media\/[^\\]+$/;

/** Whether a picture or file may be asked for: it is one of the server's own. */
export function ownSource(source) {
  return typeof source === "string" && OWN.test(source) ? source : null;
}

/** @param {any} embed Discord's embed object @param {object} state */
export function embedElement(embed, state) {
  const body = h(
    "div",
    { class: "embed-body" },
    author(embed.author),
    embed.title && title(embed, state),
    embed.description && h("div", { class: "embed-text marked" }, marked(embed.description, state)),
    embed.fields?.length && fields(embed.fields, state),
    picture(embed.image, "embed-image", "Picture of the embed"),
    foot(embed),
  );
  const element = h(
    "div",
    { class: "embed" },
    body,
    picture(embed.thumbnail, "embed-thumb", "Small picture of the embed"),
  );
  if (typeof embed.color === "number") {
    element.style.setProperty("--stripe", `#${embed.color.toString(16).padStart(6, "0")}`);
  }
  return element;
}

function author(given) {
  if (!given?.name) return null;
  const address = safeAddress(given.url);
  const icon = ownSource(given.icon_src);
  return h(
    "div",
    { class: "embed-author" },
    icon && h("img", { class: "embed-icon", src: icon, alt: "" }),
    address ? link(address, [given.name]) : given.name,
  );
}

function title(embed, state) {
  const text = marked(embed.title, state);
  const address = safeAddress(embed.url);
  return h("div", { class: "embed-title marked" }, address ? link(address, [text]) : text);
}

function fields(list, state) {
  return h(
    "dl",
    { class: "embed-fields" },
    ...list.map((one) =>
      h(
        "div",
        { class: one.inline ? "inline" : "" },
        h("dt", { class: "marked" }, marked(one.name, state)),
        h("dd", { class: "marked" }, marked(one.value, state)),
      ),
    ),
  );
}

function foot(embed) {
  const at = Date.parse(embed.timestamp ?? "");
  if (!embed.footer?.text && Number.isNaN(at)) return null;
  const icon = ownSource(embed.footer?.icon_src);
  return h(
    "div",
    { class: "embed-foot" },
    icon && h("img", { class: "embed-icon", src: icon, alt: "" }),
    embed.footer?.text,
    embed.footer?.text && !Number.isNaN(at) && h("span", { "aria-hidden": "true" }, " • "),
    !Number.isNaN(at) && h("time", { datetime: embed.timestamp }, sentAt(at, Date.now())),
  );
}

/** A picture; one that is elsewhere is not fetched, and its place stays empty. */
function picture(given, name, what) {
  const source = ownSource(given?.src);
  if (!source) return null;
  return h("img", { class: name, src: source, alt: given.description ?? what, loading: "lazy" });
}

/** The files of a message that none of its embeds shows. */
export function filesElement(message) {
  const shown = new Set((message.embeds ?? []).flatMap((one) => [one.image?.src, one.thumbnail?.src]));
  const files = (message.attachments ?? []).filter((one) => one.src === undefined || !shown.has(one.src));
  return files.length === 0 ? null : h("div", { class: "files" }, ...files.map(fileElement));
}

function fileElement(file) {
  const source = ownSource(file.src);
  const about = file.description || file.filename;
  if (source && file.content_type?.startsWith("image/")) {
    return h("img", { class: "embed-image", src: source, alt: about, loading: "lazy" });
  }
  return h(
    "div",
    { class: "file" },
    h("span", { class: "file-mark", "aria-hidden": "true" }, "📄"),
    h("span", { class: "file-name" }, file.filename),
    h("span", { class: "quiet" }, sizeOf(file.size)),
    source &&
      h(
        "a",
        { class: "button secondary", href: source, download: file.filename, data: { focus: file.filename } },
        "Download",
      ),
  );
}

/** How large a file is, in words. @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
