/** What the values of a column are. */
export type ColumnKind = 'integer' | 'text' | 'time';

/** A column of an export. */
export interface ExportColumn {
  /** The property's name in JSON. */
  readonly key: string;
  /** The header of the column in CSV. */
  readonly title: string;
  /** The entity that has the value: the call, or the assistant that answered it. */
  readonly of: 'call' | 'assistant';
  /** The field of that entity. */
  readonly field: string;
  /** `integer` of up to 64 bits, `text`, or `time` to the second, in UTC. */
  readonly kind: ColumnKind;
  /** Whether a call may have no value. */
  readonly nullable: boolean;
  /** For the OpenAPI document. */
  readonly description: string;
  /** The values of the two calls in the OpenAPI document's examples; a time as `2023-10-30T10:00:00`. */
  readonly examples: readonly [number | string | null, number | string | null];
}
