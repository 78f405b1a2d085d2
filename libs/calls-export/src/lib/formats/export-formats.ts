import { csv } from './csv.format';
import type { FileFormat } from './file-format';
import { json } from './json.format';
import { ndjson } from './ndjson.format';
import { xlsx } from './xlsx/xlsx.format';

/**
 * The name of a file format.
 *
 * @publicApi
 */
export type ExportFormat = 'csv' | 'json' | 'ndjson' | 'xlsx';

/** The formats by name, as in the query parameter `format`. */
export const FORMATS: Readonly<Record<ExportFormat, FileFormat>> = { csv, json, ndjson, xlsx };

/**
 * The names of all file formats.
 *
 * @publicApi
 */
export const EXPORT_FORMATS = Object.keys(FORMATS) as readonly ExportFormat[];

/** The format of requests without the parameter `format`. */
export const DEFAULT_FORMAT: ExportFormat = 'csv';
