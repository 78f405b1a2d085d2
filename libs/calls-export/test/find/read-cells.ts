import { parse } from 'papaparse';
import { readWorkbook, shownOf } from '../read-workbook';
import type { Cells } from './oracle';

/** Strings and other tokens of JSON. Numbers are read as strings, since `JSON.parse` would round them. */
const TOKENS = /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*|true|false)/g;

/** Reads the cells of a file by its format. */
export const READERS = {
  json: (file: Buffer) => readJson(String(file)),
  ndjson: (file: Buffer) => readNdjson(String(file)),
  csv: (file: Buffer, keys: readonly string[]) => readCsv(String(file), keys),
  xlsx: readXlsx,
};

function readJson(json: string): Cells[] {
  return JSON.parse(json.replace(TOKENS, (_, quoted, bare) => quoted ?? `"${bare}"`)) as Cells[];
}

function readNdjson(lines: string): Cells[] {
  return readJson(`[${lines.trimEnd().replaceAll('\n', ',')}]`);
}

function readCsv(csv: string, keys: readonly string[]): Cells[] {
  const { data, errors } = parse<string[]>(csv, { newline: '\r\n', skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data
    .slice(1)
    .map((row) => emptyIsNull(Object.fromEntries(keys.map((key, i) => [key, row[i] as string]))));
}

/** CSV does not distinguish null from an empty string. */
export function emptyIsNull(cells: Cells): Cells {
  return Object.fromEntries(
    Object.entries(cells).map(([key, cell]) => [key, cell === '' ? null : cell]),
  );
}

async function readXlsx(file: Buffer, keys: readonly string[]): Promise<Cells[]> {
  const [sheet] = await readWorkbook(file);
  const [, ...rows] = sheet?.rows ?? [];
  return rows.map(
    (row) => Object.fromEntries(row.map((cell, index) => [keys[index], shownOf(cell)])) as Cells,
  );
}
