import { FORMATS } from '../formats/export-formats';
import type { Cell, FileFormat } from '../formats/file-format';
import type { ColumnKind, ExampleValue, ExportColumn } from '../model/export-column';

const ALL_FORMATS = Object.values<FileFormat>(FORMATS);

/** What the export answers with. */
export const FILE_MEDIA_TYPES = ALL_FORMATS.map(mediaTypeOf);

/** The example of a file is written as files are by default. */
const EXAMPLE_OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

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

function exampleOf({ examples, kind }: ExportColumn, call: 0 | 1): ExampleValue {
  return examples ? examples[call] : KIND_EXAMPLES[kind];
}

/** The schema of a call in JSON. */
function callSchema(columns: readonly ExportColumn[], statuses: readonly string[]): object {
  const properties = columns.map((column) => {
    const { key, of, field, kind, nullable, description } = column;
    const example = exampleOf(column, 0);
    return [
      key,
      {
        ...KIND_SCHEMAS[kind],
        ...(of === 'call' && field === 'status' && { enum: [...statuses] }),
        ...(nullable && { nullable }),
        ...(description !== undefined && { description }),
        example: kind === 'decimal' ? Number(example) : example,
      },
    ];
  });
  return {
    type: 'object',
    required: columns.map(({ key }) => key),
    properties: Object.fromEntries(properties),
  };
}

/** What a response of the export may hold, by media type. */
export function fileContents(
  columns: readonly ExportColumn[],
  statuses: readonly string[],
): Record<string, { schema: object; example: unknown }> {
  const rows = ([0, 1] as const).map((call) =>
    columns.map((column): Cell => exampleOf(column, call)),
  );
  const contents = ALL_FORMATS.map((format) => {
    const encoder = format.encoder(columns, EXAMPLE_OPTIONS);
    const { head, beforeFirst, separator, afterLast, tail } = encoder;
    const text =
      head + beforeFirst + encoder.encodeRows(rows).slice(separator.length) + afterLast + tail;
    const schema = format.schema(callSchema(columns, statuses));
    const example: unknown = schema.type === 'string' ? text : JSON.parse(text);
    return [mediaTypeOf(format), { schema, example }] as const;
  });
  return Object.fromEntries(contents);
}

/** Without parameters. */
function mediaTypeOf({ mediaType }: FileFormat): string {
  return mediaType.split(';')[0] as string;
}
