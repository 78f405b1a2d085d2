// @slow
// @needs soffice
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeEachDatabase, SEARCH_PATH } from '@calls/testing';
import * as fc from 'fast-check';
import { type CsvDelimiter } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { insertCalls } from './insert-calls';

const run = promisify(execFile);
const TIMEOUT_MS = 180_000;

const FILES: Record<string, CsvDelimiter> = { comma: ',', semicolon: ';', tab: '\t' };
/** The codes of the characters at which an import splits fields. */
const IMPORTS = { comma: '44', semicolon: '59', tab: '9', all: '44/59/9' };

const SEPARATORS = [',', ';', '\t', '|', '\r', '\n', '\r\n', '\u2028', '\v', ' '];
const FILLERS = ['', ' ', '\u00a0', '\u3000', '\ufeff', '"', '""', '" "', "'", '\u0001'];
const PHONE_NUMBERS = ['+12', '+15551234567', '+123456789012345'];

const texts = [
  'a;=1+1;b',
  '=1+1',
  '\t=1+1',
  ...SEPARATORS.flatMap((separator) =>
    FILLERS.flatMap((filler) => [
      `a${separator}${filler}=1+1`,
      `${filler}${separator}=1+1${separator}b`,
      `a${SEPARATORS.join('')}${separator}${filler}=1+1`,
      `a${separator}+1234${filler}${separator}=1+1`,
    ]),
  ),
  ...fc.sample(
    fc
      .array(fc.constantFrom('=1+1', '=', '+1', '-', 'a', ...SEPARATORS, ...FILLERS), {
        minLength: 2,
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
    { numRuns: 1_000, seed: 1 },
  ),
];

/**
 * Makes LibreOffice import files as its import dialog does, with formulas evaluated.
 *
 * @param separators the codes of the characters at which fields end.
 * @param quotedAsText whether a quoted field is always a text.
 * @returns the sheets as XML, by the names of the files without their extensions.
 */
async function imported(
  directory: string,
  names: string[],
  separators: string,
  quotedAsText = false,
): Promise<Map<string, string>> {
  const [quote, utf8, firstLine, english] = [34, 76, 1, 1033];
  const filter = [separators, quote, utf8, firstLine, '', english, quotedAsText, true];
  // Four options that are not for imports (cells as shown, formulas, trimming, sheet), then: evaluate
  // formulas.
  const options = [...filter, false, false, false, '', true].join(',');
  const out = join(directory, 'sheets');
  await run(
    'soffice',
    [
      `-env:UserInstallation=file://${join(directory, 'profile')}`,
      '--headless',
      ...['--convert-to', 'fods', `--infilter=CSV:${options}`, '--outdir', out],
      ...names.map((name) => join(directory, `${name}.csv`)),
    ],
    { env: { ...process.env, PATH: SEARCH_PATH }, timeout: TIMEOUT_MS },
  );
  const sheets = names.map(
    async (name) => [name, await readFile(join(out, `${name}.fods`), 'utf8')] as const,
  );
  const read = new Map(await Promise.all(sheets));
  await rm(out, { recursive: true });
  return read;
}

const formulas = (sheet = '') => sheet.match(/table:formula="[^"]*"/g) ?? [];

describe('LibreOffice', () => {
  describeEachDatabase(
    'imports CSV files',
    anyDataSourceOptions,
    (database) => {
      const hosts: ExportingHost[] = [];
      const names = Object.keys(FILES).flatMap((name) => [name, `unguarded-${name}`]);
      let directory: string;

      beforeAll(async () => {
        directory = await mkdtemp(join(tmpdir(), 'calls-spreadsheets-'));
        const calls = [...texts, ...PHONE_NUMBERS].map((text, index) => ({
          accountId: 1,
          callSid: `CA${index}`,
          customerPhoneNumber: text,
          status: 'completed',
        }));
        await insertCalls(database.dataSource, calls);
        for (const [name, delimiter] of Object.entries(FILES)) {
          for (const formulaGuard of [true, false]) {
            const host = await ExportingHost.start(database, { delimiter, formulaGuard });
            hosts.push(host);
            const file = join(directory, `${formulaGuard ? '' : 'unguarded-'}${name}.csv`);
            await writeFile(file, await host.export());
          }
        }
      }, TIMEOUT_MS);
      afterAll(async () => {
        for (const host of hosts) await host.close();
        await rm(directory, { recursive: true });
      });

      it.each(Object.entries(IMPORTS))(
        'split at %s without a formula, though it finds formulas without the guard',
        async (_title, separators) => {
          const sheets = await imported(directory, names, separators);
          for (const name of Object.keys(FILES)) {
            expect([name, formulas(sheets.get(name))]).toEqual([name, []]);
            expect(formulas(sheets.get(`unguarded-${name}`)).length).toBeGreaterThan(0);
          }
        },
        TIMEOUT_MS,
      );

      it.each(Object.keys(FILES))(
        'split at their delimiter, a %s, with unchanged phone numbers',
        async (name) => {
          const separators = IMPORTS[name as keyof typeof IMPORTS];
          const sheet = (await imported(directory, [name], separators, true)).get(name);
          for (const number of PHONE_NUMBERS) expect(sheet).toContain(`<text:p>${number}</text:p>`);
        },
        TIMEOUT_MS,
      );
    },
    ['embedded PostgreSQL', 'SQLite'],
  );
});
