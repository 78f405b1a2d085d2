import { FORMATS } from '../formats/export-formats';
import type { Cell, FileFormat } from '../formats/file-format';
import {
  type ColumnDefinition,
  type ColumnKind,
  DEFAULT_VIEW,
  type ExampleValue,
  type Views,
} from '../model/export-column';

const ALL_FORMATS = Object.values<FileFormat>(FORMATS);

/** The media types of the responses. */
export const FILE_MEDIA_TYPES = ALL_FORMATS.map(mediaTypeOf);

/** The example files use the default options. */
const EXAMPLE_OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

/** The example of a binary file. */
const BINARY_EXAMPLE = '(binary file)';

/** The OpenAPI schema for each kind of column. */
const KIND_SCHEMAS: Readonly<Record<ColumnKind, object>> = {
  integer: { type: 'integer', format: 'int64' },
  decimal: { type: 'number' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  time: { type: 'string' },
};

/** Example values for columns without their own. */
const KIND_EXAMPLES: Readonly<Record<ColumnKind, ExampleValue>> = {
  integer: 42,
  decimal: '0.0125',
  boolean: true,
  text: 'text',
  time: '2023-10-30T10:00:00',
};

/** Returns the example value of a column for one of the two example calls. */
function exampleOf(
  column: ColumnDefinition,
  call: 0 | 1,
  statuses: readonly string[],
): ExampleValue {
  const { examples, kind } = column;
  if (!examples) return KIND_EXAMPLES[kind];
  const example = examples[call];
  const isOther = isStatus(column) && !statuses.includes(String(example));
  return isOther ? (statuses.at(-call) ?? null) : example;
}

function isStatus({ of, field }: ColumnDefinition): boolean {
  return of === 'call' && field === 'status';
}

/**
 * Returns the schema of a call in JSON, with the columns of all views. Columns that every view has are
 * required.
 */
function callSchema(views: Views, statuses: readonly string[]): object {
  const lists = [...views.values()];
  const byKey = new Map(lists.flat().map((column) => [column.key, column]));
  // The default view's definition of a column takes precedence.
  for (const column of views.get(DEFAULT_VIEW) ?? []) byKey.set(column.key, column);
  const columns = [...byKey.values()];
  const isInAll = ({ key }: ColumnDefinition) =>
    lists.every((list) => list.some((column) => column.key === key));
  const properties = columns.map((column) => {
    const { key, kind, nullable, description } = column;
    const example = exampleOf(column, 0, statuses);
    return [
      key,
      {
        ...KIND_SCHEMAS[kind],
        ...(isStatus(column) && { enum: [...statuses] }),
        ...(nullable && { nullable }),
        ...(description !== undefined && { description }),
        example: kind === 'decimal' ? Number(example) : example,
      },
    ];
  });
  return {
    type: 'object',
    required: columns.filter(isInAll).map(({ key }) => key),
    properties: Object.fromEntries(properties),
  };
}

/** Returns the schema and an example of the file for each media type. */
export function fileContents(
  views: Views,
  statuses: readonly string[],
): Record<string, { schema: object; example: unknown }> {
  const columns = views.get(DEFAULT_VIEW) ?? [];
  const rows = ([0, 1] as const).map((call) =>
    columns.map((column): Cell => exampleOf(column, call, statuses)),
  );
  const contents = ALL_FORMATS.map((format) => {
    const schema = format.schema(callSchema(views, statuses));
    if (format.isBinary) return [mediaTypeOf(format), { schema, example: BINARY_EXAMPLE }] as const;
    const encoder = format.encoder(columns, EXAMPLE_OPTIONS);
    const { head, beforeFirst, separator, afterLast, tail } = encoder;
    const text =
      head + beforeFirst + encoder.encodeRows(rows).slice(separator.length) + afterLast + tail;
    const example: unknown = schema.type === 'string' ? text : JSON.parse(text);
    return [mediaTypeOf(format), { schema, example }] as const;
  });
  return Object.fromEntries(contents);
}

/** Returns the media type without parameters. */
function mediaTypeOf({ mediaType }: FileFormat): string {
  return mediaType.split(';')[0] as string;
}
