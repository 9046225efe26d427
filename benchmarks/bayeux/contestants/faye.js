'use strict';
// Faye's own JavaScript client, with its defaults. The same commands as contestant.py.
// argv: the directory that the npm package faye is installed in.
const path = require('path');
const readline = require('readline');
const faye = require(path.join(process.argv[2], 'node_modules', 'faye'));

const POLL_MS = 5;
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const cpu = () => {
  const used = process.cpuUsage();
  return (used.user + used.system) / 1e6;
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let client = null;
let received = 0;
let mark = 0;
let wanted = 0;
let start = null;
let end = null;
let done = () => {};
let records = [];

const count = () => {
  received += 1;
  if (received < mark) return;
  if (received === 1) {
    start = [seconds(), cpu()];
    mark = wanted;
  } else if (received === wanted) {
    end = [seconds(), cpu()];
    done();
  }
};
const countAndRead = (data) => {
  if (data.comment_id) count();
};
const record = (data) => {
  records.push([data.n, Number(process.hrtime.bigint()), data.sent]);
};
let take = count;

const subscribeAll = async (channels) => {
  const verdicts = client.subscribe(channels, (data) => take(data));
  const settled = await Promise.allSettled(verdicts.map((one) => Promise.resolve(one)));
  return settled.filter((one) => one.status === 'fulfilled').length;
};

const commands = {
  async open({ url, channel, is_polling: isPolling = false }) {
    const began = seconds();
    client = new faye.Client(url);
    if (isPolling) client.disable('websocket');
    await subscribeAll([channel]);
    return seconds() - began;
  },
  async subscribe({ channels }) {
    const began = seconds();
    const standing = await subscribeAll(channels);
    return { seconds: seconds() - began, standing };
  },
  async expect({ count: number, is_read: isRead }) {
    take = isRead ? countAndRead : count;
    [received, mark, wanted, end] = [0, 1, number, null];
  },
  async result({ timeout_s: limit }) {
    if (!end) await Promise.race([new Promise((resolve) => { done = resolve; }), sleep(limit * 1000)]);
    if (!end) return { received, seconds: null, cpu_s: null };
    return { received, seconds: end[0] - start[0], cpu_s: end[1] - start[1] };
  },
  async record() {
    records = [];
    take = record;
  },
  async records({ count: number = 0, timeout_s: limit = 0 }) {
    const deadline = seconds() + limit;
    while (records.length < number && seconds() < deadline) await sleep(POLL_MS);
    return records;
  },
  async after({ since_ns: since, timeout_s: limit, is_sent_after: isSentAfter }) {
    const deadline = seconds() + limit;
    for (let seen = 0; seconds() < deadline; await sleep(POLL_MS)) {
      const found = records.slice(seen).find((one) => one[isSentAfter ? 2 : 1] > since);
      if (found) return found[1];
      seen = records.length;
    }
    return null;
  },
  async settle() {
    if (global.gc) global.gc();
    return 0;
  },
};

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
readline
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const request = JSON.parse(line);
    try {
      say({ done: (await commands[request.do](request)) ?? null });
    } catch (error) {
      say({ error: String(error) });
    }
  })
  .on('close', () => process.exit(0));
