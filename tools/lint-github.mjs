/**
 * Checks .github: workflows must match their schema and pin each action to a commit, and issue forms must
 * have valid syntax.
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
/** The types of form elements, each with its required and optional attributes. */
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
    // A tag can be moved to another commit.
    ...uses
      .filter((action) => !/@[0-9a-f]{40}$/.test(action))
      .map((action) => `${action} must be pinned to a full commit hash`),
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
    ...ids
      .filter((id, index) => ids.indexOf(id) !== index)
      .map((id) => `the id ${id} is used twice`),
    ...(body.every(({ type }) => type === 'markdown') ? ['the form has no input elements'] : []),
  ];
}

function elementFaults(element) {
  if (!(element.type in ELEMENTS)) return [`unknown type ${element.type}`];
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
