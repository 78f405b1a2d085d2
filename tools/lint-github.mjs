/**
 * Checks what GitHub reads in .github: the workflows against their schema, with each action pinned by its commit, and the issue
 * forms against the rules of their syntax.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { validateWorkflow } from '@action-validator/core';
import { parse } from 'yaml';

const GITHUB = new URL('../.github/', import.meta.url);
const FORM_KEYS = [
  'name',
  'description',
  'title',
  'labels',
  'assignees',
  'projects',
  'type',
  'body',
];
/** Each kind of element of a form, with the attributes that it must have and those that it may have. */
const ELEMENTS = {
  markdown: [['value'], []],
  input: [['label'], ['description', 'placeholder', 'value']],
  textarea: [['label'], ['description', 'placeholder', 'value', 'render']],
  dropdown: [
    ['label', 'options'],
    ['description', 'multiple', 'default'],
  ],
  checkboxes: [['label', 'options'], ['description']],
};
const ELEMENT_KEYS = ['type', 'id', 'attributes', 'validations'];

const read = (path) => readFileSync(new URL(path, GITHUB), 'utf8');
const workflows = readdirSync(new URL('workflows/', GITHUB)).map((name) => `workflows/${name}`);
const forms = readdirSync(new URL('ISSUE_TEMPLATE/', GITHUB))
  .filter((name) => name !== 'config.yml')
  .map((name) => `ISSUE_TEMPLATE/${name}`);
const faults = [
  ...workflows.flatMap((path) => workflowFaults(read(path)).map((fault) => `${path}: ${fault}`)),
  ...forms.flatMap((path) => formFaults(parse(read(path))).map((fault) => `${path}: ${fault}`)),
];
for (const fault of faults) console.error(`.github/${fault}`);
console.log(`.github: ${workflows.length} workflows, ${forms.length} issue forms`);
process.exitCode = faults.length > 0 ? 1 : 0;

function workflowFaults(text) {
  const uses = [...text.matchAll(/\buses: *(\S+)/g)].map(([, action]) => action);
  return [
    ...validateWorkflow(text).errors.map((error) => JSON.stringify(error)),
    // A tag can be moved to other code.
    ...uses
      .filter((action) => !/@[0-9a-f]{40}$/.test(action))
      .map((action) => `${action} must be pinned by the full hash of a commit`),
  ];
}

function formFaults(form) {
  const body = form.body ?? [];
  const ids = body.flatMap(({ id }) => id ?? []);
  return [
    ...['name', 'description', 'body'].filter((key) => !form[key]?.length).map(missing),
    ...Object.keys(form).filter(isNot(FORM_KEYS)).map(unknown),
    ...body.flatMap((element, index) =>
      elementFaults(element).map((fault) => `element ${index + 1}: ${fault}`),
    ),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `the id ${id} comes twice`),
    ...(body.every(({ type }) => type === 'markdown') ? ['no element takes an answer'] : []),
  ];
}

function elementFaults(element) {
  if (!(element.type in ELEMENTS)) return [`there is no type ${element.type}`];
  const [required, optional] = ELEMENTS[element.type];
  const attributes = element.attributes ?? {};
  return [
    ...required.filter((key) => !attributes[key]?.length).map(missing),
    ...Object.keys(element).filter(isNot(ELEMENT_KEYS)).map(unknown),
    ...Object.keys(attributes)
      .filter(isNot([...required, ...optional]))
      .map(unknown),
  ];
}

function isNot(known) {
  return (key) => !known.includes(key);
}

function missing(key) {
  return `${key} is missing`;
}

function unknown(key) {
  return `${key} is unknown`;
}
