// The NATS project's own client for Node.js, for the tests.
//
// Usage: node nats_client.cjs SERVER USER PASSWORD ACTION STREAM [TEXT …]
//   describe STREAM           prints the stream and its consumers as they stand: JSON
//   peek STREAM               prints the messages that are stored, and takes none: a JSON array of texts
//   publish STREAM TEXT …     publishes each text on the subject of the stream's rings, and waits until it is stored
//   subscribe STREAM SUBJECT  says whether the server lets this user listen there
"use strict";
const nats = require("nats");

const [servers, user, pass, action, stream, ...texts] = process.argv.slice(2);
const text = nats.StringCodec();

const actions = {
  async describe(connection) {
    const manager = await connection.jetstreamManager();
    const consumers = await manager.consumers.list(stream).next();
    return { stream: await manager.streams.info(stream), consumers };
  },
  async peek(connection) {
    const manager = await connection.jetstreamManager();
    const { state } = await manager.streams.info(stream);
    const stored = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; ++seq) {
      try {
        stored.push(text.decode((await manager.streams.getMessage(stream, { seq })).data));
      } catch {
        // Acknowledged, and so removed.
      }
    }
    return stored;
  },
  async publish(connection) {
    for (const each of texts) await connection.jetstream().publish(`${stream}.rings`, text.encode(each));
    return texts.length;
  },
  async subscribe(connection) {
    let refused = null;
    connection.subscribe(texts[0], { callback: (error) => { refused ??= error; } });
    await connection.flush();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return refused ? refused.message : "allowed";
  },
};

(async () => {
  const connection = await nats.connect({ servers, user, pass, timeout: 5000, maxReconnectAttempts: 1 });
  const answer = await actions[action](connection);
  process.stdout.write(JSON.stringify(answer, (_, value) => (typeof value === "bigint" ? Number(value) : value)));
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
