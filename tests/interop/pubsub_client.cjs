// Google's own client for Node.js, for the tests: publishes one message, or takes one and prints its text.
//
// Usage: node pubsub_client.cjs publish PROJECT TOPIC TEXT
//        node pubsub_client.cjs pull PROJECT SUBSCRIPTION
//        node pubsub_client.cjs subscribe PROJECT TOPIC SUBSCRIPTION    makes a subscription of one's own
"use strict";
const { PubSub } = require("@google-cloud/pubsub");

const [action, projectId, name, text] = process.argv.slice(2);
const pubsub = new PubSub({ projectId });

const actions = {
  async publish() {
    await pubsub.topic(name).publishMessage({ data: Buffer.from(text) });
  },
  async subscribe() {
    await pubsub.topic(name).createSubscription(text);
  },
  async pull() {
    const subscription = pubsub.subscription(name);
    const message = await new Promise((resolve, reject) => {
      subscription.on("message", resolve).on("error", reject);
    });
    await message.ackWithResponse();
    process.stdout.write(message.data.toString());
  },
};

actions[action]().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
