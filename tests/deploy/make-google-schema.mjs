// Writes google_schema.json, what test terraform.test.mjs holds the Terraform files against: the arguments of the resources that they use, taken from
// the types that @cdktf/provider-google (npm, 300 MB) has for Terraform's own provider. Run it when a resource is added:
//   npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz && node make-google-schema.mjs package
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const files = join(here, '..', '..', 'deploy', 'terraform', 'google');
const library = join(process.argv[2], 'lib');
const version = JSON.parse(readFileSync(join(process.argv[2], 'package.json'), 'utf8')).version;
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const used = new Set();
for (const file of readdirSync(files).filter((name) => name.endsWith('.tf'))) {
  for (const [, kind, type] of readFileSync(join(files, file), 'utf8').matchAll(/^(resource|data) "(google_\w+)"/gm)) used.add(`${kind} ${type}`);
}

const schema = { source: `@cdktf/provider-google ${version}`, types: {} };
for (const entry of [...used].sort()) {
  const [kind, type] = entry.split(' ');
  const folder = `${kind === 'data' ? 'data-' : ''}${type.replaceAll('_', '-')}`.replace(/^google-|(?<=^data-)google-/, kind === 'data' ? 'google-' : '');
  const text = readFileSync(join(library, folder, 'index.d.ts'), 'utf8');
  const interfaces = Object.fromEntries([...text.matchAll(/^export interface (\w+)[^{]*\{\n(.*?)^\}/gms)].map(([, name, body]) => [name, body]));
  const describe = (name) => Object.fromEntries([...interfaces[name].matchAll(/^ {4}readonly (\w+)(\??): (.*?);?$/gm)].map(([, field, optional, of]) => {
    const block = of.match(/^\w*/)[0];
    return [snake(field), { required: optional === '', ...(interfaces[block] ? { block: describe(block) } : {}) }];
  }));
  const root = Object.keys(interfaces).find((name) => name.endsWith('Config') && interfaces[name] && text.includes(`export interface ${name} extends`));
  schema.types[entry] = describe(root);
}
const lines = Object.entries(schema.types).map(([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(type)}`);
writeFileSync(join(here, 'google_schema.json'), `{"source": ${JSON.stringify(schema.source)}, "types": {\n${lines.join(',\n')}\n}}\n`);
