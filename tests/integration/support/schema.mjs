// The two API documents: where something stands in them, and whether a value is as they say.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const base = 'https://lockstep/';

export const source = (file) => docs + file;
export const documents = {};
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
formats(ajv);
for (const file of ['openapi.yaml', 'asyncapi.yaml']) {
  documents[file] = parse(readFileSync(source(file), 'utf8'));
  ajv.addSchema(documents[file], base + file, undefined, false);
}
// A document's top is no schema, but what is strict looks at its words all the same.
const words = Object.values(documents).flatMap((document) => Object.keys(document));
ajv.addVocabulary([...new Set([...words, 'x-alias-of', 'x-max-bytes'])]);

// A node with its place: `at(place, 'properties', 'id')` goes down, and past every $ref. undefined: nothing there.
export function at(place, ...names) {
  let here = place;
  for (const name of [undefined, ...names]) {
    if (name !== undefined) {
      if (here.node?.[name] === undefined) return undefined;
      here = { file: here.file, path: [...here.path, name], node: here.node[name] };
    }
    while (here.node?.$ref) here = follow(here.file, here.node.$ref);
  }
  return here;
}

function follow(file, ref) {
  const [other, pointer] = ref.split('#');
  const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const target = other ? other.replace('./', '') : file;
  return path.reduce((here, name) => ({ ...here, node: here.node[name] }), { file: target, path, node: documents[target] });
}

export const top = (file, ...names) => at({ file, path: [], node: documents[file] }, ...names);
export const names = (place) => Object.keys(place?.node ?? {});

const pointer = ({ file, path }) =>
  `${base}${file}#${path.map((name) => `/${encodeURIComponent(String(name).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

// What in the value is not as the schema at that place says, in words; empty when all is.
export function faults(place, value) {
  const check = ajv.getSchema(pointer(place)) ?? ajv.compile({ $ref: pointer(place) });
  return check(value) ? [] : explain(check.errors);
}

// Of alternatives only those speak that the value's own kind, type or event chose.
function explain(errors) {
  const owner = (error) => error.schemaPath.replace(/\/(properties|required|additionalProperties|allOf)\b.*/, '');
  const others = new Set(errors.filter((e) => /\/(kind|type|event|ok|mode)\/(const|enum)$/.test(e.schemaPath)).map(owner));
  const own = errors.filter((e) => !others.has(owner(e)) && !['oneOf', 'anyOf'].includes(e.keyword));
  const said = (own.length ? own : errors).map((e) => {
    const more = Object.values(e.params ?? {}).filter((x) => x !== undefined && x !== null).join(', ');
    return `${e.instancePath || 'it'} ${e.message} (${more})`;
  });
  return [...new Set(said)].slice(0, 12);
}

// The fields of an object's schema: of alternatives all of them, required where all require it.
export function fieldsOf(place) {
  const fields = new Map();
  const required = new Set(place.node.required ?? []);
  for (const name of names(at(place, 'properties'))) fields.set(name, { schema: at(place, 'properties', name), written: place.node.properties[name] });
  const parts = alternatives(place).map(fieldsOf);
  for (const part of parts) for (const [name, field] of part) if (!fields.has(name)) fields.set(name, field);
  for (const [name, field] of fields) {
    const everywhere = parts.length > 0 && parts.every((part) => part.get(name)?.required);
    fields.set(name, { ...field, required: required.has(name) || everywhere });
  }
  return fields;
}

export function alternatives(place) {
  const which = ['oneOf', 'anyOf'].find((word) => place.node[word]);
  return which ? place.node[which].map((_, i) => at(place, which, i)) : [];
}

// A schema that may also be null, without the null.
export function notNull(place) {
  const others = alternatives(place).filter((one) => one.node.type !== 'null');
  return others.length === 1 ? others[0] : place;
}

export const allowsNull = (place) => alternatives(place).some((one) => one.node.type === 'null');
