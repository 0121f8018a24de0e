// deploy/compose.yaml: by the schema of the Compose specification, and held against the programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';

const packages = process.env.DECANT_DEPLOY_PACKAGES;
const file = join(process.env.DECANT_SOURCE, 'deploy', 'compose.yaml');
const require = createRequire(join(packages, 'package.json'));
const compose = require('yaml').parse(readFileSync(file, 'utf8'), { merge: true });
const decant = Object.entries(compose.services).filter(([name]) => name !== 'postgres');

test('it is what the Compose specification allows', () => {
  const { default: Ajv } = require('ajv');
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(packages, 'node_modules/dclint/schemas/compose.schema.json'), 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  assert.ok(validate(compose), JSON.stringify(validate.errors, null, 2));
});

test('the containers of decant give up what the image does without', () => {
  for (const [name, service] of decant) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.ok(Number.parseInt(service.stop_grace_period, 10) >= 30, name);
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, name);
  }
});

test('decant knows every command and setting', () => {
  const program = join(process.env.DECANT_BIN, 'decant');
  for (const [name, service] of decant) {
    assert.equal(spawnSync(program, [service.command[0], '--help']).status, 0, name);
    const settings = Object.fromEntries(Object.entries(service.environment ?? {}).map(([key, value]) => [key, value.replace(/\$\{\w+:-(.*?)\}/g, '$1')]));
    execFileSync(program, ['config'], { env: { PATH: process.env.PATH, HOME: '/', ...settings } });
  }
});

test('one profile runs everything in one, the other the roles after the migration', () => {
  const of = (profile) => Object.keys(compose.services).filter((name) => compose.services[name].profiles.includes(profile));
  assert.deepEqual(of('one'), ['decant']);
  assert.deepEqual(of('roles'), ['postgres', 'migrate', 'web', 'worker']);
  for (const role of ['web', 'worker']) {
    assert.deepEqual(compose.services[role].depends_on, { migrate: { condition: 'service_completed_successfully' } });
  }
});
