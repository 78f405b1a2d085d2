import { csv } from './csv.format';
import type { FileFormat } from './file-format';
import { json } from './json.format';
import { ndjson } from './ndjson.format';
import { xlsx } from './xlsx/xlsx.format';

/** The formats of an export, by the names that a client asks for. */
export const FORMATS = { csv, json, ndjson, xlsx } satisfies Record<string, FileFormat>;

/** The name of a format. */
export type ExportFormat = keyof typeof FORMATS;

/** The names of the formats. */
export const EXPORT_FORMATS = Object.keys(FORMATS) as readonly ExportFormat[];

/** The format of a request that names none. */
export const DEFAULT_FORMAT: ExportFormat = 'csv';
