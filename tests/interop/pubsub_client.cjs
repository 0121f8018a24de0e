// Google's own client for Node.js, for the tests: publishes one message, or takes one and prints its text.
//
// Usage: node pubsub_client.cjs publish PROJECT TOPIC TEXT
//        node pubsub_client.cjs pull PROJECT SUBSCRIPTION
//        node pubsub_client.cjs subscribe PROJECT TOPIC SUBSCRIPTION    makes a subscription of one's own
//        node pubsub_client.cjs refuse PROJECT SUBSCRIPTION LETTERS     gives everything back until something comes from LETTERS;
//                                                                       prints how often, and the text that came
"use strict";
const { PubSub } = require("@google-cloud/pubsub");

const [action, projectId, name, text] = process.argv.slice(2);
const pubsub = new PubSub({ projectId });

/// The text of the next message, which is acknowledged.
async function take(subscription) {
  const message = await new Promise((resolve, reject) => {
    subscription.on("message", resolve).on("error", reject);
  });
  await message.ackWithResponse();
  return message.data.toString();
}

const actions = {
  async publish() {
    await pubsub.topic(name).publishMessage({ data: Buffer.from(text) });
  },
  async subscribe() {
    await pubsub.topic(name).createSubscription(text);
  },
  async pull() {
    process.stdout.write(await take(pubsub.subscription(name)));
  },
  async refuse() {
    let refused = 0;
    pubsub.subscription(name).on("message", (message) => {
      ++refused;
      message.nack();
    });
    const letter = await take(pubsub.subscription(text));
    process.stdout.write(JSON.stringify({ refused, letter }));
  },
};

actions[action]().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
