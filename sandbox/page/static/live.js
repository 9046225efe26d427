/**
 * The one connection: events come in, what people do goes out.
 *
 * Lost, it is tried again after pauses that grow, and goes on after the last event that came; the
 * page is never loaded anew. It dispatches `event` (with the event), `connection` (with how it
 * stands), each as a CustomEvent.
 */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** How long to wait before an attempt, in milliseconds. @param {number} attempt from 0 @param {number} chance 0 to 1 */
export function pauseBefore(attempt, chance) {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(most * (0.5 + chance / 2));
}

/** Where to connect to, after the last event of a run of the server. */
export function addressOf(base, { run, seq }) {
  return run === null ? base : `${base}?since=${seq}&run=${encodeURIComponent(run)}`;
}

export class Live extends EventTarget {
  #base;
  #open;
  #random;
  #socket = null;
  #timer = null;
  #attempt = 0;
  #last = { run: null, seq: 0 };
  #number = 0;
  #waiting = new Map();

  /**
   * @param {string} base address of the live connection
   * @param {{open?: (address: string) => WebSocket, random?: () => number}} [given]
   */
  constructor(base, { open = (address) => new WebSocket(address), random = Math.random } = {}) {
    super();
    this.#base = base;
    this.#open = open;
    this.#random = random;
  }

  /** Connect now; an attempt that waits for its time is not waited for. */
  connect() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#socket !== null) return;
    this.#tell({ state: "connecting" });
    const socket = this.#open(addressOf(this.#base, this.#last));
    this.#socket = socket;
    socket.addEventListener("message", (frame) => this.#take(socket, frame.data));
    socket.addEventListener("close", () => this.#lost(socket));
  }

  /**
   * Do something as a person, or to the workspace; the promise has the answer, or the one sentence
   * that says why not.
   * @param {string} verb @param {object} given @returns {Promise<any>}
   */
  send(verb, given) {
    if (this.#socket?.readyState !== 1) {
      return Promise.reject(new Error("Not connected; it is tried again by itself."));
    }
    const id = (this.#number += 1);
    this.#socket.send(JSON.stringify({ id, do: verb, with: given }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(socket, text) {
    if (socket !== this.#socket) return;
    const event = JSON.parse(text);
    if (event.type === "answer") {
      this.#answer(event);
      return;
    }
    if (event.type === "snapshot") this.#last = { run: event.state.run, seq: event.seq };
    else if (event.type === "resumed") this.#last.seq = event.seq;
    else if (event.seq !== this.#last.seq + 1) {
      // One is missing: what was missed is asked for by a new connection.
      this.#lost(socket);
      return;
    }
    this.#last.seq = event.seq;
    this.#stands();
    if (event.type !== "resumed") this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  #stands() {
    if (this.#attempt === -1) return;
    this.#attempt = -1;
    this.#tell({ state: "open" });
  }

  #answer(answer) {
    const asked = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.error === undefined) asked?.resolve(answer.ok);
    else asked?.reject(new Error(answer.error));
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket.close();
    for (const asked of this.#waiting.values())
      asked.reject(new Error("The connection was lost; look whether it was done."));
    this.#waiting.clear();
    this.#attempt += 1;
    const pause = pauseBefore(this.#attempt, this.#random());
    this.#tell({ state: "lost", pause });
    this.#timer = setTimeout(() => this.connect(), pause);
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("connection", { detail }));
  }
}
