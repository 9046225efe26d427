/** What happens when somebody presses something that the bot or a text has put there. */
import { componentOf, optionsOf } from "./controls.js";
import { choose } from "./listbox.js";
import { reveal } from "./marked.js";

export class Pressing {
  #app;

  constructor(app) {
    this.#app = app;
    document.addEventListener("click", (event) => this.#pressed(event.target));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("a[role=link]")) this.#pressed(event.target);
    });
  }

  #pressed(target) {
    const element = target.closest?.(
      "[data-press], [data-choose], [data-address], [data-dismiss], [data-room], [data-do=spoiler]",
    );
    if (!element || element.disabled) return;
    const { press, address, dismiss, room } = element.dataset;
    if (press !== undefined) this.#click(element, press);
    else if (element.dataset.choose !== undefined) this.#choose(element);
    else if (address !== undefined)
      this.#app.say(`This leads to ${address}; nothing outside is opened from here.`);
    else if (dismiss !== undefined) this.#dismiss(dismiss);
    else if (room !== undefined) this.#app.dispatch({ type: "room_opened", data: room });
    else reveal(element);
  }

  #dismiss(id) {
    this.#app.dispatch({ type: "reply_dismissed", data: id });
    document.getElementById("box").focus({ preventScroll: true });
  }

  async #click(element, id, values) {
    const message = element.closest("[data-message]")?.dataset.message;
    if (!message || element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    await this.#app.act("click", { message_id: message, custom_id: id, ...(values ? { values } : {}) });
    element.removeAttribute("aria-busy");
  }

  async #choose(element) {
    const message = element.closest("[data-message]")?.dataset.message;
    const menu = componentOf(this.#messageOf(message)?.components, element.dataset.choose);
    if (!menu) return;
    const values = await choose(element, optionsOf(menu, this.#app.state), {
      label: menu.placeholder ?? "Options",
      least: menu.min_values ?? 1,
      most: menu.max_values ?? 1,
    });
    if (values !== null) await this.#click(this.#now(message, element), menu.custom_id, values);
  }

  /** The menu as it stands now: its message may have been drawn anew while it was open. */
  #now(message, element) {
    if (element.isConnected) return element;
    return (
      document.querySelector(
        `[data-message="${message}"] [data-choose="${CSS.escape(element.dataset.choose)}"]`,
      ) ?? element
    );
  }

  #messageOf(id) {
    const { state } = this.#app;
    return (
      state.replies.find((one) => one.message.id === id)?.message ??
      state.messages[state.room]?.find((one) => one.id === id)
    );
  }
}
