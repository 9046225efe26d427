'use strict';
// A real Faye server for the tests. Options as JSON in argv; commands as JSON lines on stdin, each
// answered by one line on stdout. It ends when stdin does, so that it never outlives its test.
const http = require('http');
const readline = require('readline');
const faye = require('faye');

const options = Object.assign({ port: 0, timeout: 45, interval: 0 }, JSON.parse(process.argv[2] || '{}'));
const adapter = new faye.NodeAdapter({
  mount: '/faye',
  timeout: options.timeout,
  engine: { interval: options.interval },
});
const engine = adapter._server._engine;
let reconnect = null; // advice forced on connect replies
let refused = null; // subscriptions to this name are refused
let handshakes = true;
let refusals = 0; // of handshakes
let held = 0; // connects to be held that came in

adapter.addExtension({
  incoming(message, callback) {
    const wanted = [].concat(message.subscription || []);
    if (message.channel === '/meta/subscribe' && wanted.includes(refused)) {
      message.error = `403:${refused}:Forbidden channel`;
    }
    if (message.channel === '/meta/handshake' && !handshakes) {
      message.error = '500::Not now';
      refusals += 1;
    }
    if (message.channel === '/meta/connect' && !message.advice) held += 1;
    callback(message);
  },
  outgoing(message, callback) {
    if (message.channel === '/meta/connect' && reconnect) {
      message.advice = Object.assign({}, message.advice, { reconnect });
    }
    callback(message);
  },
});

const commands = {
  publish: ({ messages }) => messages.forEach((message) => engine.publish(message)),
  forget: () => engine._engine.reset(), // as when the store is flushed: no socket is closed
  evict: () => [...engine._connections.keys()].forEach((id) => engine._engine.destroyClient(id)),
  advise: ({ value }) => { reconnect = value; },
  refuse: ({ value }) => { refused = value; },
  handshakes: ({ value }) => { handshakes = value; },
  refusals: () => refusals,
  held: () => held,
  sessions: () => engine._engine._namespace._used.size,
  // When what was published before is in the answers to polls: those wait for a timer as short.
  written: () => new Promise((resolve) => { setTimeout(resolve, 0); }),
  subscriptions: () => engine._engine._channels.size,
};

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const server = http.createServer();
adapter.attach(server);
server.listen(options.port, '127.0.0.1', () => say({ port: server.address().port }));
readline
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const command = JSON.parse(line);
    say({ done: (await commands[command.do](command)) ?? null });
  })
  .on('close', () => process.exit(0));
