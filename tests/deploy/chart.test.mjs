// The Helm chart: rendered by Go's own template engine (compiled to WebAssembly), its manifests held against the types and schemas of Kubernetes,
// KEDA and Prometheus Operator. The chart uses none of the functions that Helm adds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';

const packages = process.env.DECANT_DEPLOY_PACKAGES;
const chart = join(process.env.DECANT_SOURCE, 'deploy', 'helm', 'decant');
const decant = join(process.env.DECANT_BIN, 'decant');
const require = createRequire(join(packages, 'package.json'));
const { parse: render } = await import(join(packages, 'node_modules/@evertdespiegeleer/go-template/dist/main.js'));
const { parse, parseAllDocuments } = require('yaml');

// The engine's WebAssembly keeps the process alive.
after(() => setImmediate(() => process.exit(process.exitCode ?? 0)));

const kinds = {
  'apps/v1 Deployment': 'kubernetes-models/apps/v1/Deployment',
  'batch/v1 Job': 'kubernetes-models/batch/v1/Job',
  'policy/v1 PodDisruptionBudget': 'kubernetes-models/policy/v1/PodDisruptionBudget',
  'v1 Service': 'kubernetes-models/v1/Service',
  'v1 ServiceAccount': 'kubernetes-models/v1/ServiceAccount',
  'keda.sh/v1alpha1 ScaledObject': '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject',
  'monitoring.coreos.com/v1 PodMonitor': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
};

const settled = (values, changes) => {
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop();
    keys.reduce((at, key) => at[key], values)[last] = value;
  }
  return values;
};

/** All manifests of the chart with some values changed: [{kind, …}]. */
const manifests = async (changes = {}) => {
  const about = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));
  const values = settled(parse(readFileSync(join(chart, 'values.yaml'), 'utf8')), changes);
  const parts = readFileSync(join(chart, 'templates', '_parts.tpl'), 'utf8');
  const found = [];
  for (const name of readdirSync(join(chart, 'templates')).filter((file) => file.endsWith('.yaml'))) {
    const text = await render(parts + readFileSync(join(chart, 'templates', name), 'utf8'), {
      Values: values, Chart: { Name: about.name, Version: about.version, AppVersion: about.appVersion },
      Release: { Name: 'sound', Namespace: 'default', Service: 'Helm' },
    });
    assert.doesNotMatch(text, /<no value>|%!/, name);
    for (const document of parseAllDocuments(text, { merge: true })) {
      assert.deepEqual(document.errors, [], name);
      const manifest = document.toJS();
      if (manifest) found.push(manifest);
    }
  }
  return found;
};

const variants = {
  'as it is': {},
  'with metrics for Prometheus Operator': { 'metrics.podMonitor': true },
  'without metrics, with a profile and an identity': {
    'metrics.enabled': false, 'seccompProfile.type': 'Localhost', 'seccompProfile.localhostProfile': 'profiles/decant.json',
    'serviceAccount.annotations': { 'iam.gke.io/gcp-service-account': 'decant@project.iam.gserviceaccount.com' },
  },
  'scaled by Prometheus': { 'autoscaling.enabled': true },
  'scaled by PostgreSQL': { 'autoscaling.enabled': true, 'autoscaling.trigger': 'postgresql' },
  'scaled by NATS': { 'autoscaling.enabled': true, 'autoscaling.trigger': 'nats-jetstream' },
};

const find = (all, kind, name) => all.find((one) => one.kind === kind && (!name || one.metadata.name === name));

test('every manifest has only fields that its kind has', { timeout: 120_000 }, async () => {
  // TypeScript refuses unknown fields of literals, which the schemas allow; the schemas know patterns and bounds.
  const folder = mkdtempSync(join(packages, 'chart-'));  // beside node_modules, so that the types are found
  const lines = [];
  for (const [variant, changes] of Object.entries(variants)) {
    for (const manifest of await manifests(changes)) {
      const name = `${manifest.apiVersion} ${manifest.kind}`;
      assert.ok(kinds[name], `${variant}: unknown kind ${name}`);
      const path = join(packages, 'node_modules', kinds[name]);
      const model = await import(existsSync(`${path}.mjs`) ? `${path}.mjs` : `${path}.js`);
      new model[manifest.kind](manifest).validate();
      lines.push(`{ const manifest: import(${JSON.stringify(kinds[name].split('/').slice(0, -1).join('/'))}).I${manifest.kind} =`,
                 `  ${JSON.stringify(manifest)}; void manifest; }  // ${variant}`);
    }
  }
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, lines.join('\n') + '\nexport {};\n');
  try {
    execFileSync(process.execPath, [join(packages, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--module',
                                    'nodenext', '--moduleResolution', 'nodenext', file], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('pods give up root and writing, and spread over zones', async () => {
  const all = await manifests();
  for (const one of all.filter((manifest) => ['Deployment', 'Job'].includes(manifest.kind))) {
    const pod = one.spec.template.spec;
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
    for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
      assert.deepEqual(container.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    }
    if (one.kind === 'Deployment') {
      assert.ok(pod.topologySpreadConstraints.some((spread) => spread.topologyKey === 'topology.kubernetes.io/zone'));
      assert.ok(all.some((other) => other.kind === 'PodDisruptionBudget' &&
        Object.entries(other.spec.selector.matchLabels).every(([key, value]) => one.spec.template.metadata.labels[key] === value)));
    }
  }
});

test('the image runs as the user of the Containerfile', async () => {
  const containerfile = readFileSync(join(process.env.DECANT_SOURCE, 'deploy', 'container', 'Containerfile'), 'utf8');
  const { runAsUser, runAsGroup } = find(await manifests(), 'Deployment').spec.template.spec.securityContext;
  assert.equal(`${runAsUser}:${runAsGroup}`, containerfile.match(/^USER (.*)$/m)[1]);
});

test('the grace period holds the wait and the drain', async () => {
  const all = await manifests();
  for (const one of all.filter((manifest) => manifest.kind === 'Deployment')) {
    const pod = one.spec.template.spec;
    const budget = Number(pod.containers[0].env.find((variable) => variable.name === 'DECANT_DRAIN_BUDGET').value.match(/^(\d+)s$/)[1]);
    const wait = Number(pod.containers[0].lifecycle?.preStop.exec.command[1] ?? 0);
    assert.ok(pod.terminationGracePeriodSeconds >= wait + budget + 5);
  }
});

test('probes ask what decant answers, and the migration runs before an upgrade', async () => {
  const all = await manifests();
  const web = find(all, 'Deployment', 'sound-web').spec.template.spec.containers[0];
  assert.equal(web.livenessProbe.httpGet.path, '/livez');
  assert.equal(web.readinessProbe.httpGet.path, '/readyz');
  assert.match(find(all, 'Job').metadata.annotations['helm.sh/hook'], /pre-upgrade/);
});

test('decant knows every setting that the pods are given', async () => {
  for (const one of await manifests()) {
    for (const container of one.spec?.template?.spec?.containers ?? []) {
      const settings = Object.fromEntries(container.env.map(({ name, value }) => [name, value]).filter(([name]) => name.startsWith('DECANT_')));
      execFileSync(decant, ['config'], { env: { PATH: process.env.PATH, HOME: '/', ...settings } });
    }
  }
});

test('each signal scales the workers', async () => {
  for (const trigger of ['prometheus', 'postgresql', 'nats-jetstream']) {
    const all = await manifests({ 'autoscaling.enabled': true, 'autoscaling.trigger': trigger });
    const scaled = find(all, 'ScaledObject').spec;
    assert.deepEqual(scaled.triggers.map((one) => one.type), [trigger]);
    const worker = find(all, 'Deployment', scaled.scaleTargetRef.name);
    assert.equal(worker.spec.replicas, undefined);
    assert.ok(worker.spec.template.spec.containers[0].envFrom[0].secretRef.name);
    for (const value of Object.values(scaled.triggers[0].metadata)) assert.equal(typeof value, 'string');
  }
});

test('secrets are named, never held', async () => {
  const values = readFileSync(join(chart, 'values.yaml'), 'utf8').replace(/^\s*#.*$/gm, '');
  assert.doesNotMatch(values, /password|:\/\/[^\s"]*@/i);
  assert.ok((await manifests()).every((one) => one.kind !== 'Secret'));
});
