// Amazon's own client for Node.js, for the tests. Keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
//
// Usage: node s3_client.cjs ENDPOINT ACTION ARGUMENT …
//   make BUCKET POLICY        makes the bucket and gives it the policy, a JSON text
//   list BUCKET PREFIX        prints the objects under the prefix: JSON, sizes and metadata by key
//   get BUCKET KEY            prints the object's bytes
//   sign BUCKET KEY           prints a link by which anybody may read the object for a minute
"use strict";
const s3 = require("@aws-sdk/client-s3");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const [endpoint, action, Bucket, text] = process.argv.slice(2);
const client = new s3.S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });

const actions = {
  async make() {
    await client.send(new s3.CreateBucketCommand({ Bucket }));
    await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: text }));
  },
  async list() {
    const found = {};
    for await (const page of s3.paginateListObjectsV2({ client, pageSize: 2 }, { Bucket, Prefix: text })) {
      for (const { Key, Size } of page.Contents ?? []) {
        const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key }));
        found[Key] = { size: Size, metadata: head.Metadata };
      }
    }
    process.stdout.write(JSON.stringify(found));
  },
  async get() {
    const answer = await client.send(new s3.GetObjectCommand({ Bucket, Key: text }));
    process.stdout.write(await answer.Body.transformToByteArray());
  },
  async sign() {
    process.stdout.write(await getSignedUrl(client, new s3.GetObjectCommand({ Bucket, Key: text }), { expiresIn: 60 }));
  },
};

actions[action]().catch((error) => {
  console.error(error);
  process.exit(1);
});
