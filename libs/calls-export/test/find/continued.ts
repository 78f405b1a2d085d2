import { text } from 'node:stream/consumers';
import { parse } from 'papaparse';
import type { AccountId, CallsExportService, CallsFilter, ExportFormat } from '../../src';

const ID = /^\{"id":(?:(-?\d+)|("(?:[^"\\]|\\.)*"))/;

/** The ID of an NDJSON row, with all digits of a large number. */
function idOf(row: string): string {
  const [, digits, quoted] = ID.exec(row) ?? [];
  return digits ?? (JSON.parse(quoted as string) as string);
}

function jsonOf(rows: readonly string[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.map((row) => row.trimEnd()).join(',\n')}\n]`;
}

function countOf(csv: string): number {
  return parse(csv, { newline: '\r\n', skipEmptyLines: true }).data.length - 1;
}

/**
 * Expects exports with `after` to equal the rest of the complete file, byte for byte.
 *
 * @param services read in different ways, such as by COPY and as rows.
 * @returns the IDs in the file's order.
 */
export async function expectContinued(
  services: readonly CallsExportService[],
  account: AccountId,
  filter: CallsFilter = {},
): Promise<string[]> {
  let ids: string[] = [];
  for (const service of services) ids = await expectContinuedBy(service, account, filter);
  return ids;
}

async function expectContinuedBy(
  service: CallsExportService,
  account: AccountId,
  filter: CallsFilter,
): Promise<string[]> {
  const file = async (format: ExportFormat, after?: string) =>
    text(await service.export(account, { ...filter, format, after }));
  const rows = (await file('ndjson')).split(/(?<=\n)/).filter((row) => row !== '');
  const [csv, json] = [await file('csv'), await file('json')];
  expect(json.trimEnd()).toBe(jsonOf(rows));
  const ids = rows.map(idOf);
  const last = rows.length - 1;
  const middle = Math.floor(last / 2);
  for (const index of new Set([0, middle, last])) {
    const after = ids[index];
    if (after === undefined) continue;
    const rest = rows.slice(index + 1);
    expect(await file('ndjson', after)).toBe(rest.join(''));
    expect(await service.count(account, { ...filter, after })).toBe(rest.length);
    if (index !== middle) continue;
    expect((await file('json', after)).trimEnd()).toBe(jsonOf(rest));
    const [header, restOfCsv] = [await file('csv', ids[last]), await file('csv', after)];
    expect(restOfCsv.slice(0, header.length)).toBe(header);
    expect(csv.endsWith(restOfCsv.slice(header.length))).toBe(true);
    expect([countOf(header), countOf(restOfCsv)]).toEqual([0, rest.length]);
  }
  return ids;
}
