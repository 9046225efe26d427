/** One video or webinar: its comments, what viewers write, and what its staff does. */
import { h, reconcile, setState, setText } from "./dom.js";
import { timeElement } from "./times.js";

const HOUR_MS = 3_600_000;
const KINDS = { comment: "Comment", chat: "Chat", question: "Question" };
const WORDS = { planned: "planned", live: "live", ended: "ended" };
const NOBODY = { id: "", name: "", text: "" };

export class ObjectRegion {
  #app;
  #root;
  #form;
  #list;
  #replyTo = NOBODY;
  #shown = [];

  constructor(app, root) {
    this.#app = app;
    this.#root = root;
    this.#form = root.querySelector("#write");
    this.#list = root.querySelector("#comments");
    this.#form.addEventListener("submit", (event) => this.#write(event));
    root.querySelector("#reply-off").addEventListener("click", () => this.#answer(NOBODY));
    root.querySelector("#burst").addEventListener("submit", (event) => this.#burst(event));
    root.querySelector("#object-acts").addEventListener("click", (event) => this.#acted(event));
    this.#list.addEventListener("click", (event) => this.#pressed(event));
  }

  render(state) {
    const object = state.objects.find((one) => one.id === state.object) ?? null;
    const comments = state.comments[state.object];
    if (object === this.#shown[0] && comments === this.#shown[1]) return;
    if (object?.id !== this.#shown[0]?.id) this.#answer(NOBODY);
    this.#shown = [object, comments];
    this.#root.hidden = object === null;
    if (object !== null) this.#renderObject(object, comments ?? []);
  }

  #renderObject(object, comments) {
    setText(this.#root.querySelector("#object-title"), object.title);
    this.#root.querySelector("#object-state").replaceChildren(stateBadge(object), ...when(object));
    this.#renderActs(object);
    const known = new Map(comments.map((one) => [one.id, one]));
    const rows = comments
      .map((comment) => ({ key: comment.id, comment, to: known.get(comment.reply_to) }))
      .reverse();
    reconcile(this.#list, rows, element, (a, b) => a.comment === b.comment && a.to === b.to);
    this.#root.querySelector("#no-comments").hidden = rows.length > 0;
  }

  #renderActs(object) {
    const acts = this.#root.querySelector("#object-acts");
    acts.hidden = !object.is_live;
    for (const button of acts.children) {
      const isLive = object.state === "live";
      button.disabled = { go_live: isLive, end: !isLive, plan: isLive }[button.dataset.act];
    }
    // A question is asked of who is on air.
    const kinds = [...this.#form.elements.kind.options];
    for (const one of kinds)
      setState(one, "disabled", !object.is_live && one.value !== "comment" ? "" : null);
    if (!object.is_live) this.#form.elements.kind.value = "comment";
  }

  async #write(event) {
    event.preventDefault();
    const { kind, name, text } = this.#form.elements;
    if (text.value.trim() === "") return;
    const given = { object_id: this.#shown[0].id, kind: kind.value, name: name.value, text: text.value };
    if (this.#replyTo.id) given.reply_to = this.#replyTo.id;
    if ((await this.#app.ask("comment", given)) === undefined) return;
    text.value = "";
    this.#answer(NOBODY);
    text.focus();
  }

  #answer(comment) {
    this.#replyTo = comment;
    this.#root.querySelector("#reply").hidden = comment.id === "";
    setText(this.#root.querySelector("#reply-to"), `Answers ${comment.name}: ${comment.text.slice(0, 60)}`);
    if (comment.id) this.#form.elements.text.focus();
  }

  #burst(event) {
    event.preventDefault();
    const { count } = event.target.elements;
    const kind = this.#shown[0].is_live ? "chat" : "comment";
    this.#app.ask("burst", {
      object_id: this.#shown[0].id,
      count: Math.max(1, Math.min(500, Number(count.value))),
      kind,
    });
  }

  #acted(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (!act) return;
    const start = act === "plan" ? { start: new Date(Date.now() + HOUR_MS).toISOString() } : {};
    this.#app.ask(act, { object_id: this.#shown[0].id, ...start });
  }

  #pressed(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const id = button.closest("[data-comment]").dataset.comment;
    const comment = this.#shown[1].find((one) => one.id === id);
    const given = { comment_id: id };
    if (button.dataset.act === "reply") this.#answer(comment);
    else if (button.dataset.act === "promote")
      this.#app.ask("promote", { ...given, is_promoted: !comment.is_promoted });
    else if (button.dataset.act === "answer")
      this.#app.ask("answer", { ...given, status: comment.status === "answered" ? "" : "answered" });
    else this.#app.ask("delete", given);
  }
}

function when(object) {
  if (object.state !== "planned" || !object.start) return [];
  return [" ", h("span", { class: "quiet small" }, timeElement(Date.parse(object.start), "R"))];
}

function element({ comment, to }) {
  const marks = [KINDS[comment.kind], comment.is_promoted && "promoted", comment.status].filter(Boolean);
  const act = (what, label, kind = "plain") =>
    h(
      "button",
      {
        type: "button",
        class: kind,
        data: { act: what, focus: what },
      },
      label,
      h("span", { class: "unseen" }, ` (${comment.name})`),
    );
  return h(
    "li",
    {
      class: `comment ${comment.kind}${comment.is_promoted ? " promoted" : ""}`,
      tabindex: "-1",
      data: { comment: comment.id },
    },
    h(
      "div",
      { class: "comment-head" },
      h("strong", {}, comment.name),
      h("span", { class: "quiet small" }, marks.join(" · "), " · ", timeElement(Date.parse(comment.at), "R")),
    ),
    comment.reply_to &&
      h(
        "div",
        { class: "quiet small" },
        to ? `↩ ${to.name}: ${to.text.slice(0, 60)}` : "↩ an earlier comment",
      ),
    h("div", { class: "comment-text" }, comment.text),
    h(
      "div",
      { class: "comment-acts" },
      act("promote", comment.is_promoted ? "Unpromote" : "Promote"),
      comment.kind === "comment"
        ? null
        : act("answer", comment.status === "answered" ? "Reopen" : "Answered"),
      act("reply", "Reply"),
      act("delete", "Delete", "plain dangerous"),
    ),
  );
}

/** What an object is now, in a word. */
export function stateBadge(object) {
  const word = object.is_live ? (WORDS[object.state] ?? "webinar") : "video";
  return h("span", { class: `state ${object.is_live ? object.state || "idle" : "video"}` }, word);
}
