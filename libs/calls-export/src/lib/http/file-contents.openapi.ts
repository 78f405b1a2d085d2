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

/** What the export answers with. */
export const FILE_MEDIA_TYPES = ALL_FORMATS.map(mediaTypeOf);

/** The example of a file is written as files are by default. */
const EXAMPLE_OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

/** Stands for a file that is no text. */
const BINARY_EXAMPLE = '(the bytes of the file)';

/** The OpenAPI schemas of the kinds of columns. */
const KIND_SCHEMAS: Readonly<Record<ColumnKind, object>> = {
  integer: { type: 'integer', format: 'int64' },
  decimal: { type: 'number' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  time: { type: 'string' },
};

/** The values of the examples' two calls, where a column brings none. */
const KIND_EXAMPLES: Readonly<Record<ColumnKind, ExampleValue>> = {
  integer: 42,
  decimal: '0.0125',
  boolean: true,
  text: 'text',
  time: '2023-10-30T10:00:00',
};

/** What one of the two calls has. */
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

/** The schema of a call in JSON. It has the columns of all views, and those that each view has are required. */
function callSchema(views: Views, statuses: readonly string[]): object {
  const lists = [...views.values()];
  const byKey = new Map(lists.flat().map((column) => [column.key, column]));
  // What the default view says of a column goes before what the others do.
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

/** What a response of the export may hold, by media type. */
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

/** Without parameters. */
function mediaTypeOf({ mediaType }: FileFormat): string {
  return mediaType.split(';')[0] as string;
}
