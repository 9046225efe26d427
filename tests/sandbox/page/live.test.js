import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Live, addressOf, pauseBefore } from "../../../sandbox/page/static/live.js";

class Socket extends EventTarget {
  readyState = 1;
  sent = [];

  constructor(address) {
    super();
    this.address = address;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  says(event) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(event) }));
  }

  breaks() {
    this.close();
    this.dispatchEvent(new Event("close"));
  }
}

function started() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const sockets = [];
  const open = (address) => {
    sockets.push(new Socket(address));
    return sockets.at(-1);
  };
  const live = new Live("ws://host/live", { open, random: () => 1 });
  const told = { events: [], states: [] };
  live.addEventListener("event", ({ detail }) => told.events.push(detail.type));
  live.addEventListener("connection", ({ detail }) => told.states.push(detail.state));
  live.connect();
  return { live, sockets, told };
}

const SNAPSHOT = { type: "snapshot", seq: 7, state: { run: "r/1" } };

test("pauses grow to a most, and are not the same for all", () => {
  const most = Array.from({ length: 12 }, (_, attempt) => pauseBefore(attempt, 1));
  assert.deepEqual(most.slice(0, 3), [500, 1_000, 2_000]);
  assert.equal(most.at(-1), 15_000);
  assert.equal(pauseBefore(2, 0), 1_000);
});

test("it goes on after the last event, on the server's run", () => {
  assert.equal(addressOf("ws://h/live", { run: null, seq: 0 }), "ws://h/live");
  const { sockets, told } = started();
  sockets[0].says(SNAPSHOT);
  sockets[0].says({ type: "message", seq: 8, data: {} });
  sockets[0].breaks();
  assert.equal(told.states.at(-1), "lost");
  mock.timers.tick(500);
  assert.equal(sockets[1].address, "ws://host/live?since=8&run=r%2F1");
  sockets[1].says({ type: "resumed", seq: 8 });
  assert.equal(told.states.at(-1), "open");
  sockets[1].says({ type: "message", seq: 9, data: {} });
  assert.deepEqual(told.events, ["snapshot", "message", "message"]);
});

test("an event that is missing is asked for by a new connection", () => {
  const { sockets, told } = started();
  sockets[0].says(SNAPSHOT);
  sockets[0].says({ type: "message", seq: 9, data: {} });
  assert.deepEqual(told.events, ["snapshot"]);
  assert.equal(sockets[0].readyState, 3);
  mock.timers.tick(500);
  assert.match(sockets[1].address, /since=7/);
});

test("attempts that fail wait longer each time, until one stands", () => {
  const { sockets } = started();
  for (const pause of [1_000, 2_000, 4_000]) {
    const count = sockets.length;
    sockets.at(-1).breaks();
    mock.timers.tick(pause - 1);
    assert.equal(sockets.length, count);
    mock.timers.tick(1);
    assert.equal(sockets.length, count + 1);
  }
  sockets.at(-1).says(SNAPSHOT);
  const count = sockets.length;
  sockets.at(-1).breaks();
  mock.timers.tick(500);
  assert.equal(sockets.length, count + 1);
});

test("an attempt can be made at once, and only one at a time", () => {
  const { live, sockets } = started();
  sockets[0].breaks();
  live.connect();
  live.connect();
  assert.equal(sockets.length, 2);
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 2);
});

test("each answer goes to who asked, errors as one sentence", async () => {
  const { live, sockets } = started();
  const [first, second] = [live.send("say", { text: "a" }), live.send("click", {})];
  assert.deepEqual(sockets[0].sent, [
    { id: 1, do: "say", with: { text: "a" } },
    { id: 2, do: "click", with: {} },
  ]);
  sockets[0].says({ type: "answer", id: 2, error: "No." });
  sockets[0].says({ type: "answer", id: 1, ok: { message_id: "5" } });
  assert.deepEqual(await first, { message_id: "5" });
  await assert.rejects(second, /^Error: No\.$/);
});

test("what is asked while the connection goes is not left open", async () => {
  const { live, sockets } = started();
  const asked = live.send("say", {});
  sockets[0].breaks();
  await assert.rejects(asked, /connection was lost/);
  await assert.rejects(live.send("say", {}), /Not connected/);
});

test("frames of a connection that was given up change nothing", () => {
  const { sockets, told } = started();
  sockets[0].says(SNAPSHOT);
  sockets[0].breaks();
  mock.timers.tick(500);
  sockets[0].says({ type: "message", seq: 8, data: {} });
  assert.deepEqual(told.events, ["snapshot"]);
});
