/** What the values of a column are. */
export const COLUMN_KINDS = ['integer', 'decimal', 'boolean', 'text', 'time'] as const;

/**
 * `integer` of up to 64 bits, `decimal` with all of its digits, `boolean`, `text`, or `time` to the second, in the export's time zone.
 */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Makes another value of a property's, such as a masked phone number; `null` leaves the cell empty. */
export type Mask = Masking['mask'];

/** Declared as a method, so that a host may say what its property has. */
interface Masking {
  mask(value: unknown): unknown;
}

/** A column of an export, as it is asked for. */
export interface ColumnDefinition {
  /** The property's name in JSON. */
  readonly key: string;
  /** The header of the column in CSV. */
  readonly title: string;
  /** The entity that has the value: the call, or the assistant that answered it. */
  readonly of: 'call' | 'assistant';
  /** The field of that entity, by which its property is found. */
  readonly field: string;
  /** The path of the property, where it is none of the fields that entities are mapped for. */
  readonly property?: string;
  readonly kind: ColumnKind;
  /** Whether a call may have no value. Default: as the entity says. */
  readonly nullable?: boolean;
  /** Is given what the property has, but never null. */
  readonly mask?: Mask;
  /** For the OpenAPI document. */
  readonly description?: string;
  /**
   * The values of the two calls in the OpenAPI document's examples; a time as `2023-10-30T10:00:00`, a decimal as its digits.
   * Default: some of the kind.
   */
  readonly examples?: readonly [ExampleValue, ExampleValue];
}

export type ExampleValue = number | string | boolean | null;

/** A column of an export, as the entities of a DataSource have its values. */
export interface ExportColumn extends ColumnDefinition {
  readonly nullable: boolean;
}

/** The columns of an export, by the name of the view that has them. */
export type Views<Column = ColumnDefinition> = ReadonlyMap<string, readonly Column[]>;

/** The view of who is given no other one. */
export const DEFAULT_VIEW = 'default';
