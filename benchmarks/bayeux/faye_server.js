'use strict';
// The real Faye server, with a publisher inside. JSON lines as everywhere in the benchmark.
// argv: the directory that the npm package faye is installed in, and options as JSON.
const http = require('http');
const path = require('path');
const readline = require('readline');

const faye = require(path.join(process.argv[2], 'node_modules', 'faye'));
const options = { port: 0, timeout: 45, ...JSON.parse(process.argv[3] || '{}') };

const BATCH = 100;
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const adapter = new faye.NodeAdapter({ mount: '/faye', timeout: options.timeout });
const engine = adapter._server._engine;
const sockets = new Set();
const standing = new Map(); // channel -> when it was subscribed to, monotonic ns
let pace = null;

const now = () => Number(process.hrtime.bigint());
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const unsent = () => [...sockets].reduce((sum, socket) => sum + socket.writableLength, 0);
const publish = (channels, comment, n) => {
  const data = { ...comment, n, sent: now() };
  engine.publish({ channel: channels[n % channels.length], data });
};

adapter.on('subscribe', (_client, channel) => {
  if (!standing.has(channel)) standing.set(channel, now());
});

async function keepPace(mine, { channels, comment, rate, count }) {
  const began = now();
  for (; mine.published < count && !mine.isStopped; await sleep(1)) {
    const due = Math.min(count, Math.floor(((now() - began) * rate) / 1e9) + 1);
    while (mine.published < due) {
      publish(channels, comment, mine.published);
      mine.published += 1;
    }
  }
}

const commands = {
  async flood({ channels, comment, count }) {
    for (let n = 0; n < count; ) {
      for (let i = 0; i < BATCH && n < count; i += 1, n += 1) publish(channels, comment, n);
      await turn();
      while (unsent() > MAX_UNSENT_BYTES) await sleep(1);
    }
  },
  async pace(request) {
    pace = { published: 0, isStopped: false };
    pace.end = keepPace(pace, request);
    if (request.is_awaited) await pace.end;
  },
  async stop() {
    pace.isStopped = true;
    await pace.end;
    return pace.published;
  },
  async standing({ count, timeout_s: limit }) {
    for (let ms = 0; ms < limit * 1000 && standing.size < count; ms += 5) await sleep(5);
    return standing.size < count ? null : [...standing.values()].sort((a, b) => a - b)[count - 1];
  },
};

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const server = http.createServer();
adapter.attach(server);
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
server.listen(options.port, '127.0.0.1', () => {
  say({ done: { port: server.address().port, listening_ns: now() } });
});
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
