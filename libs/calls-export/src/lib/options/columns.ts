import { inspect } from 'node:util';
import { EXPORT_COLUMNS, type StandardColumnKey } from '../formats/export-columns';
import {
  COLUMN_KINDS,
  type ColumnDefinition,
  type ColumnKind,
  DEFAULT_VIEW,
  type ExampleValue,
  type Mask,
  type Views,
} from '../model/export-column';
import { isText } from './rules';

/** A standard column that differs in something. */
export interface ChangedColumn {
  readonly key: StandardColumnKey;
  /** The header of the column in CSV. Default: the standard one. */
  readonly title?: string;
  /** What the values are, where they are of another kind than the standard column's. */
  readonly kind?: ColumnKind;
  /**
   * Makes another value of the property's, once for each call. It is given what `find()` gives, but never null, and returns a value of the column's
   * kind, or null for none.
   *
   * @example (phone) => `${String(phone).slice(0, 5)}…`
   */
  readonly mask?: Mask;
  /** What the OpenAPI document says of it. Default: as of the standard column. */
  readonly description?: string;
  /** A value for the OpenAPI document. Default: one of the kind, or those of the standard column where its kind stays and nothing is masked. */
  readonly example?: ExampleValue;
}

/** A column of the host's own. */
export interface OwnColumn {
  /** The property's name in JSON. */
  readonly key: string;
  /** The header of the column in CSV. Default: the key. */
  readonly title?: string;
  /** The path of the property of the entity, such as `price.amount`; a relation stands for its column. */
  readonly property: string;
  /** Which entity has it. Default `call`. */
  readonly of?: 'call' | 'assistant';
  /**
   * What the values are: `integer` of up to 64 bits, `decimal` with all of its digits, `boolean`, `text`, or `time`, which is written in UTC and to the
   * second.
   */
  readonly kind: ColumnKind;
  /** As in a standard column. */
  readonly mask?: Mask;
  /** What the OpenAPI document says of it. Default: nothing. */
  readonly description?: string;
  /** A value for the OpenAPI document; a time as `2023-10-30T10:00:00`, a decimal as its digits. Default: one of the kind. */
  readonly example?: ExampleValue;
}

/** A column of an export: a standard one by its key or with changes, or one of the host's own. */
export type CallsExportColumn = StandardColumnKey | ChangedColumn | OwnColumn;

/** What a standard column may differ in, and what the host says of its own. */
const CHANGES = ['key', 'title', 'kind', 'mask', 'description', 'example'];
const MEMBERS = ['key', 'title', 'property', 'of', 'kind', 'mask', 'description', 'example'];

/**
 * The views of an export: that of its columns, by the name `default`, and the others.
 *
 * @param columns default the standard ones, but for the assistants' where there are none.
 * @throws Error if a column is not acceptable.
 */
export function viewsOf(
  columns: readonly CallsExportColumn[] | undefined,
  views: Readonly<Record<string, readonly CallsExportColumn[]>>,
  hasAssistants: boolean,
): Views {
  const standard = EXPORT_COLUMNS.filter(({ of }) => of === 'call' || hasAssistants);
  const all = new Map<string, readonly ColumnDefinition[]>();
  all.set(DEFAULT_VIEW, columns ? columnsOf('columns', columns, hasAssistants) : standard);
  for (const [name, view] of Object.entries(views)) {
    if (name === DEFAULT_VIEW) {
      refuse('views', `may not name ${DEFAULT_VIEW}, which is the view of the option columns`);
    }
    all.set(name, columnsOf(`views.${name}`, view, hasAssistants));
  }
  return all;
}

function columnsOf(
  option: string,
  columns: readonly CallsExportColumn[],
  hasAssistants: boolean,
): readonly ColumnDefinition[] {
  if (!Array.isArray(columns) || columns.length === 0) {
    refuse(option, `must be a list of columns, not ${inspect(columns, { depth: 0 })}`);
  }
  const defined = columns.map((column) => definitionOf(option, column));
  const keys = defined.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) refuse(option, `has the column ${twice} twice`);
  const theirs = defined.find(({ of }) => of === 'assistant');
  if (theirs && !hasAssistants) {
    refuse(option, `has ${theirs.key}, a column of assistants, but assistants is false`);
  }
  return defined;
}

function definitionOf(option: string, column: CallsExportColumn): ColumnDefinition {
  const given: Partial<OwnColumn> = typeof column === 'string' ? { key: column } : column;
  const { key, title, property, of = 'call', kind, mask, description } = given ?? {};
  if (!isText(key)) {
    refuse(option, `must have columns with a key, not ${inspect(column, { depth: 0 })}`);
  }
  const standard = EXPORT_COLUMNS.find((each) => each.key === key);
  const unknown = Object.keys(given).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) {
    refuse(option, `has a column ${key} with ${unknown}: a column has ${MEMBERS.join(', ')}`);
  }
  if (title !== undefined && !isText(title)) refuse(option, `has a column ${key} without a title`);
  if (mask !== undefined && typeof mask !== 'function') {
    refuse(option, `has a column ${key} whose mask is not a function`);
  }
  if (kind !== undefined && !COLUMN_KINDS.includes(kind)) {
    refuse(option, `has a column ${key} of the kind ${kind}, not of ${COLUMN_KINDS.join(', ')}`);
  }
  if (property === undefined) {
    if (standard) {
      if (given.of !== undefined) {
        refuse(
          option,
          `has the standard column ${key} with of: it takes ${CHANGES.join(', ')}, unless property says which one has it`,
        );
      }
      const changed = {
        ...standard,
        title: title ?? standard.title,
        kind: kind ?? standard.kind,
        mask,
        description: description ?? standard.description,
      };
      const isSame = changed.kind === standard.kind && mask === undefined;
      const standardExamples = isSame ? standard.examples : undefined;
      return { ...changed, examples: examplesOf(option, given, changed.kind) ?? standardExamples };
    }
    const keys = EXPORT_COLUMNS.map((each) => each.key).join(', ');
    refuse(
      option,
      `has ${key}, which is no standard column (${keys}): say by property which one has it`,
    );
  }
  if (!isText(property) || kind === undefined || !['call', 'assistant'].includes(of)) {
    refuse(
      option,
      `must say of ${key} its property, its kind and whether it is of a call or an assistant`,
    );
  }
  return {
    key,
    title: title ?? key,
    of,
    // Told apart from the fields, and from the same property as another kind.
    field: `${kind} ${property}`,
    property,
    kind,
    mask,
    description,
    examples: examplesOf(option, given, kind),
  };
}

/** What the examples of a kind must be. */
const EXAMPLES: Readonly<Record<ColumnKind, (value: ExampleValue) => boolean>> = {
  integer: Number.isInteger,
  decimal: (value) => /^-?\d+(\.\d+)?$/.test(String(value)),
  boolean: (value) => typeof value === 'boolean',
  text: (value) => typeof value === 'string',
  time: (value) => typeof value === 'string',
};

function examplesOf(
  option: string,
  { key, example }: Partial<OwnColumn>,
  kind: ColumnKind,
): ColumnDefinition['examples'] {
  if (example === undefined) return undefined;
  if (example !== null && !EXAMPLES[kind](example)) {
    refuse(option, `has a column ${key} whose example is no ${kind}: ${inspect(example)}`);
  }
  return [example, example];
}

function refuse(option: string, why: string): never {
  throw new Error(`CallsExportModule's option ${option} ${why}`);
}
