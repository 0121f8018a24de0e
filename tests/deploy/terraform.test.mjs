// The Terraform files: formatted, parsed, and each argument held against the provider's own (google_schema.json, from make-google-schema.mjs), because
// the provider itself, which `terraform validate` needs, is not to be had everywhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';

const source = process.env.DECANT_SOURCE;
const folder = join(source, 'deploy', 'terraform', 'google');
const require = createRequire(join(process.env.DECANT_DEPLOY_PACKAGES, 'package.json'));
const { parse } = require('@cdktf/hcl2json');
const schema = JSON.parse(readFileSync(join(source, 'tests', 'deploy', 'google_schema.json'), 'utf8')).types;
const files = readdirSync(folder).filter((name) => name.endsWith('.tf'));
const texts = Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const parsed = Object.fromEntries(await Promise.all(files.map(async (name) => [name, await parse(name, texts[name])])));

// What Terraform itself has in every resource.
const meta = new Set(['count', 'depends_on', 'for_each', 'lifecycle', 'provider', 'provisioner', 'connection']);
const own = new Set(['lifecycle', 'count', 'for_each', 'depends_on']);
const resources = () => Object.values(parsed).flatMap((file) => ['resource', 'data'].flatMap((kind) =>
  Object.entries(file[kind] ?? {}).flatMap(([type, named]) => Object.entries(named).map(([name, [body]]) => ({ kind, type, name, body })))));
const body = (type, name) => resources().find((one) => one.type === type && one.name === name).body;

const faults = (arguments_, known, where) => {
  const found = [];
  for (const [name, value] of Object.entries(arguments_)) {
    if (meta.has(name) && !known[name]) continue;
    if (!known[name]) { found.push(`${where}: unknown ${name}`); continue; }
    if (known[name].block && typeof value === 'object') {
      for (const one of [value].flat()) found.push(...faults(one, known[name].block, `${where}.${name}`));
    }
  }
  for (const [name, { required }] of Object.entries(known)) {
    if (required && !(name in arguments_)) found.push(`${where}: ${name} is missing`);
  }
  return found;
};

test('every argument is one that the provider has, and none is missing', () => {
  const found = resources().flatMap(({ kind, type, name, body: given }) => {
    const known = schema[`${kind} ${type}`];
    if (!known) return [`${type} is not in google_schema.json: run make-google-schema.mjs`];
    const own_arguments = Object.fromEntries(Object.entries(known).filter(([argument]) => !own.has(argument)));
    return faults(given, own_arguments, `${type}.${name}`);
  });
  assert.deepEqual(found, []);
});

test('every reference is to something that is there', () => {
  const declared = new Set(resources().map(({ kind, type, name }) => `${kind === 'data' ? 'data.' : ''}${type}.${name}`));
  for (const file of Object.values(parsed)) {
    for (const name of Object.keys(file.variable ?? {})) declared.add(`var.${name}`);
    for (const name of (file.locals ?? []).flatMap((one) => Object.keys(one))) declared.add(`local.${name}`);
  }
  const all = Object.values(texts).join('\n').replace(/^\s*#.*$/gm, '');
  const used = new Set([...all.matchAll(/\b((?:data\.)?google_\w+\.\w+|var\.\w+|local\.\w+)/g)].map(([, name]) => name));
  assert.deepEqual([...used].filter((name) => !declared.has(name)), []);
  const unused = [...declared].filter((name) => /^(var|local)\./.test(name) && !used.has(name));
  assert.deepEqual(unused, []);
});

test('the files are formatted', (context) => {
  if (spawnSync('terraform', ['version']).error) return context.skip('needs terraform');
  execFileSync('terraform', ['fmt', '-check', '-recursive', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
});

test('terraform finds it valid', (context) => {
  if (spawnSync('terraform', ['version']).error) return context.skip('needs terraform');
  const work = mkdtempSync(join(tmpdir(), 'terraform-'));
  try {
    cpSync(folder, work, { recursive: true });
    const made = spawnSync('terraform', ['init', '-backend=false', '-input=false'], { cwd: work, encoding: 'utf8', timeout: 120_000 });
    if (made.status !== 0) return context.skip('needs the provider of Google Cloud, which neither Debian nor npm has');
    execFileSync('terraform', ['validate'], { cwd: work });
  } finally {
    rmSync(work, { recursive: true });
  }
});

test('the machines get settings that decant knows, and a stop that fits a Spot machine', () => {
  const start = readFileSync(join(folder, 'start.sh.tftpl'), 'utf8');
  const values = { role: 'web', project: 'p-1', region: 'europe-west1', bucket: 'b', trusted_proxies: '35.191.0.0/16,130.211.0.0/22',
                   slots: '4', retention_days: '30', drain_seconds: '20' };
  const plain = start.replace(/\$\{(\w+)\}/g, (_, name) => { assert.ok(name in values, name); return values[name]; });
  const settings = Object.fromEntries([...plain.matchAll(/^(DECANT_\w+)=(.*)$/gm)].map(([, name, value]) =>
    [name, value.startsWith('$(') ? 'postgresql://decant@10.0.0.1/decant?sslmode=require' : value]));
  execFileSync(join(process.env.DECANT_BIN, 'decant'), ['config'], { env: { PATH: process.env.PATH, HOME: '/', ...settings } });
  const drain = parsed['machines.tf'].locals.find((one) => 'drain_seconds' in one).drain_seconds;
  assert.ok(drain + 5 <= 30);
});

test('the subscription is as decant broker create makes it', () => {
  const tasks = body('google_pubsub_subscription', 'tasks');
  const wanted = Object.fromEntries([...readFileSync(join(source, 'src', 'broker', 'pubsub', 'pubsub_administration.h'), 'utf8')
    .matchAll(/(\w+_retry)\{(\d+)\}/g)].map(([, name, seconds]) => [name, `${seconds}s`]));
  assert.deepEqual(tasks.retry_policy[0], { minimum_backoff: wanted.shortest_retry, maximum_backoff: wanted.longest_retry });
  assert.equal(tasks.enable_exactly_once_delivery, true);
  assert.equal(tasks.ack_deadline_seconds, 60);
  assert.equal(tasks.dead_letter_policy[0].max_delivery_attempts, 10);
  assert.equal(tasks.expiration_policy[0].ttl, '');
});

test('nothing is public, and no service account has more than single things', () => {
  const bucket = body('google_storage_bucket', 'files');
  assert.equal(bucket.public_access_prevention, 'enforced');
  assert.equal(body('google_sql_database_instance', 'decant').settings[0].ip_configuration[0].ipv4_enabled, false);
  for (const { type, body: one } of resources().filter((resource) => resource.type === 'google_compute_instance_template')) {
    assert.equal(one.network_interface[0].access_config, undefined, type);
  }
  const roles = resources().filter(({ type }) => type.endsWith('_iam_member')).map(({ type, body: one }) => `${type} ${one.role}`);
  assert.ok(roles.length > 5);
  assert.deepEqual(roles.filter((role) => /roles\/(owner|editor|viewer)$|\.admin$|Admin$/.test(role)), []);
  assert.deepEqual(roles.filter((role) => role.startsWith('google_project_iam_member')), ['google_project_iam_member roles/logging.logWriter']);
});
