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

/**
 * A standard column with changes.
 *
 * @publicApi
 */
export interface ChangedColumn {
  /** The key of the standard column. */
  readonly key: StandardColumnKey;
  /** The header in CSV and XLSX. Default: the standard header. */
  readonly title?: string;
  /** The type of the values. Default: the standard one. */
  readonly kind?: ColumnKind;
  /**
   * Returns the value to export instead of the property's: one of the column's kind, or null for an empty
   * cell. It is called once for each phone call, with the value that `find()` returns, never with null.
   * Default: values are not masked.
   *
   * @example
   * mask: (phone: string) => `${phone.slice(0, 5)}…`
   */
  readonly mask?: Mask;
  /** The description in the OpenAPI document. Default: the standard one. */
  readonly description?: string;
  /**
   * An example value for the OpenAPI document. Default: the standard examples, or an example of the kind if
   * `kind` or `mask` is set.
   */
  readonly example?: ExampleValue;
}

/**
 * An additional column, read from a property of your entity.
 *
 * @publicApi
 */
export interface OwnColumn {
  /** The name of the value in JSON. */
  readonly key: string;
  /** The header in CSV and XLSX. Default: the key. */
  readonly title?: string;
  /** The path of the property, such as `price.amount`. A relation stands for its join column. */
  readonly property: string;
  /** The entity that has the property. Default `call`. */
  readonly of?: 'call' | 'assistant';
  /** The type of the values. */
  readonly kind: ColumnKind;
  /** Returns the value to export instead, as in {@link ChangedColumn.mask}. */
  readonly mask?: Mask;
  /** The description in the OpenAPI document. Default none. */
  readonly description?: string;
  /**
   * An example value for the OpenAPI document: a time such as `2023-10-30T10:00:00`, a decimal as a string.
   * Default: an example of the kind.
   */
  readonly example?: ExampleValue;
}

/**
 * A column of the file: the key of a standard column, a standard column with changes, or one of your own.
 *
 * @publicApi
 */
export type CallsExportColumn = StandardColumnKey | ChangedColumn | OwnColumn;

/** The members of a `ChangedColumn` and of an `OwnColumn`. */
const CHANGES = ['key', 'title', 'kind', 'mask', 'description', 'example'];
const MEMBERS = ['key', 'title', 'property', 'of', 'kind', 'mask', 'description', 'example'];

/**
 * Returns the columns of each view, by name. The option `columns` defines the view `default`.
 *
 * @param columns default: all standard columns, without those of assistants unless `hasAssistants` is true.
 * @throws Error if a column is invalid.
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
      refuse('views', `cannot define the view ${DEFAULT_VIEW}: the option columns defines it`);
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
    refuse(option, `must be a list of at least one column, got ${inspect(columns, { depth: 0 })}`);
  }
  const defined = columns.map((column) => definitionOf(option, column));
  const keys = defined.map(({ key }) => key);
  const duplicate = keys.find((key, index) => keys.indexOf(key) !== index);
  if (duplicate !== undefined) refuse(option, `has the column ${duplicate} twice`);
  const ofAssistant = defined.find(({ of }) => of === 'assistant');
  if (ofAssistant && !hasAssistants) {
    refuse(option, `has the assistant column ${ofAssistant.key}, but assistants is false`);
  }
  return defined;
}

function definitionOf(option: string, column: CallsExportColumn): ColumnDefinition {
  const given: Partial<OwnColumn> = typeof column === 'string' ? { key: column } : column;
  const { key, title, property, of = 'call', kind, mask, description } = given ?? {};
  if (!isText(key)) {
    refuse(option, `must have a key for each column, got ${inspect(column, { depth: 0 })}`);
  }
  const standard = EXPORT_COLUMNS.find((each) => each.key === key);
  const unknown = Object.keys(given).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) {
    refuse(
      option,
      `has a column ${key} with unknown member ${unknown}. Accepted: ${MEMBERS.join(', ')}`,
    );
  }
  if (title !== undefined && !isText(title)) {
    refuse(option, `has a column ${key} whose title is not a non-empty string`);
  }
  if (mask !== undefined && typeof mask !== 'function') {
    refuse(option, `has a column ${key} whose mask is not a function`);
  }
  if (kind !== undefined && !COLUMN_KINDS.includes(kind)) {
    refuse(
      option,
      `has a column ${key} of unknown kind ${kind}. Accepted: ${COLUMN_KINDS.join(', ')}`,
    );
  }
  if (property === undefined) {
    if (standard) {
      if (given.of !== undefined) {
        refuse(
          option,
          `has the standard column ${key} with of but without property. Accepted without property: ${CHANGES.join(', ')}`,
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
      `has the column ${key}, which is not a standard column (${keys}): set its property and kind`,
    );
  }
  if (!isText(property) || kind === undefined || !['call', 'assistant'].includes(of)) {
    refuse(
      option,
      `has an incomplete column ${key}: property and kind are required, and of must be call or assistant`,
    );
  }
  return {
    key,
    title: title ?? key,
    of,
    // Includes the kind, so that it differs from standard fields and from the same property of another kind.
    field: `${kind} ${property}`,
    property,
    kind,
    mask,
    description,
    examples: examplesOf(option, given, kind),
  };
}

/** Whether an example is valid for a kind. */
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
    refuse(option, `has a column ${key} whose example is not of kind ${kind}: ${inspect(example)}`);
  }
  return [example, example];
}

function refuse(option: string, why: string): never {
  throw new Error(`CallsExportModule option ${option} ${why}`);
}
