/**
 * The type of the values of a column: `integer` (up to 64 bits), `decimal` (all of its digits), `boolean`,
 * `text`, or `time` (to the second, in the time zone of the export).
 *
 * @publicApi
 */
export type ColumnKind = 'integer' | 'decimal' | 'boolean' | 'text' | 'time';

export const COLUMN_KINDS: readonly ColumnKind[] = [
  'integer',
  'decimal',
  'boolean',
  'text',
  'time',
];

/**
 * Returns the value to export instead of the property's, such as a masked phone number; null leaves the cell
 * empty.
 *
 * @publicApi
 */
// A method's type, because method parameters are bivariant: a host app may declare the type of the value.
export type Mask = { mask(value: unknown): unknown }['mask'];

/** A column as configured, before it is looked up in the entities. */
export interface ColumnDefinition {
  /** The name of the value in JSON. */
  readonly key: string;
  /** The header in CSV and XLSX. */
  readonly title: string;
  /** The entity that has the value: the call, or the assistant that answered it. */
  readonly of: 'call' | 'assistant';
  /** The field that identifies the property of that entity. */
  readonly field: string;
  /** The path of the property, if it is not one of the mapped fields. */
  readonly property?: string;
  readonly kind: ColumnKind;
  /** Default: whether the entity's column is nullable. */
  readonly nullable?: boolean;
  /** Called with the value of the property, never with null. */
  readonly mask?: Mask;
  /** The description in the OpenAPI document. */
  readonly description?: string;
  /**
   * The values of the two example calls in the OpenAPI document: a time such as `2023-10-30T10:00:00`, a
   * decimal as a string. Default: examples of the kind.
   */
  readonly examples?: readonly [ExampleValue, ExampleValue];
}

/**
 * An example value for the OpenAPI document.
 *
 * @publicApi
 */
export type ExampleValue = number | string | boolean | null;

/** A column after it was looked up in the entities of a DataSource. */
export interface ExportColumn extends ColumnDefinition {
  readonly nullable: boolean;
}

/** The columns of each view, by its name. */
export type Views<Column = ColumnDefinition> = ReadonlyMap<string, readonly Column[]>;

/** The view for requests without another one. */
export const DEFAULT_VIEW = 'default';
