// @slow
import fc from 'fast-check';
import { CallsExportModule, type FileName } from '../src';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

afterEach(closeHosts);

const DEFAULT = 'calls_export.csv';

async function startNaming(fileName: FileName | undefined, adapter = ADAPTER_NAMES[0]) {
  const { url } = await startHost(
    [memory(), CallsExportModule.forRoot({ ...HEADER_OPTIONS, fileName })],
    { adapter },
  );
  return `${url}/calls/export`;
}

async function dispositionAt(url: string, method = 'HEAD'): Promise<string | null> {
  const response = await fetch(url, { method, headers: ACCOUNT_1 });
  await response.arrayBuffer();
  return response.headers.get('content-disposition');
}

/** Parses a header by the strict grammar of RFC 6266 and RFC 8187; undefined if it is invalid. */
function parse(header: string | null): { plain: string; name: string } | undefined {
  const groups =
    /^attachment; filename="(?<plain>(?:[\x20!#-[\]-~]|\\[\x20-\x7e])*)"(?:; filename\*=UTF-8''(?<extended>(?:%[\dA-F]{2}|[\w!#$&+\-.^`|~])+))?$/.exec(
      header ?? '',
    )?.groups;
  if (!groups) return undefined;
  const plain = (groups['plain'] as string).replace(/\\(.)/g, '$1');
  const { extended } = groups;
  return { plain, name: extended === undefined ? plain : decodeURIComponent(extended) };
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  // With lone surrogates.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom('\r', '\n', '"', '\\', '/', '%', '4', '1', '.', ' ', '👩‍👩‍👧', 'é'),
  }),
);

describe.each(ADAPTER_NAMES)('The name of a file on %s', (adapter) => {
  it.each([
    [undefined, 'csv', 'attachment; filename="calls_export.csv"'],
    [undefined, 'ndjson', 'attachment; filename="calls_export.ndjson"'],
    ['calls of May', 'json', 'attachment; filename="calls of May.json"'],
    [
      'Anrufe_März',
      'csv',
      `attachment; filename="Anrufe_M_rz.csv"; filename*=UTF-8''Anrufe_M%C3%A4rz.csv`,
    ],
    ['50%25', 'csv', `attachment; filename="50_25.csv"; filename*=UTF-8''50%2525.csv`],
  ])(
    'is the option fileName, with an extension for the format (%s, %s)',
    async (fileName, format, header) => {
      const url = `${await startNaming(fileName, adapter)}?format=${format}`;
      expect(await dispositionAt(url, 'GET')).toBe(header);
      expect(await dispositionAt(url, 'HEAD')).toBe(header);
    },
  );

  it('can depend on the request', async () => {
    const url = await startNaming(
      async ({ user }: { user?: { account_id: number } }) => `calls of ${user?.account_id}`,
      adapter,
    );
    expect(await dispositionAt(url, 'GET')).toBe('attachment; filename="calls of 1.csv"');
    expect(await dispositionAt(url, 'HEAD')).toBe('attachment; filename="calls of 1.csv"');
  });

  it('is safe for every text', async () => {
    let name: string | undefined;
    const url = await startNaming(() => name, adapter);
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        name = text;
        const parsed = parse(await dispositionAt(url));
        // No character that is special to a file system or a terminal.
        expect(parsed?.name).toMatch(
          /^[^.\p{Cc}\p{Surrogate}"*/:<>?\\|][^\p{Cc}\p{Surrogate}"*/:<>?\\|]*\.csv$/u,
        );
        expect(parsed?.plain).toMatch(/^[\x20-\x7e]+\.csv$/);
        expect(Buffer.byteLength(parsed?.name ?? '')).toBeLessThanOrEqual(204);
        const kept = text.trim();
        const isSafe = !/[\p{Cc}\p{Surrogate}\u2028-\u202e\u2066-\u2069"*/:<>?\\|]|^\./u.test(kept);
        if (isSafe && kept !== '' && Buffer.byteLength(kept) <= 200) {
          expect(parsed?.name).toBe(`${kept}.csv`);
        }
      }),
      { numRuns: 300 },
    );
  }, 180_000);

  it.each([
    ['a\r\nSet-Cookie: a=b', 'a__Set-Cookie_ a=b.csv'],
    ['../../etc/passwd', '_._.._etc_passwd.csv'],
    ['C:\\calls', 'C__calls.csv'],
    ['nul', '_nul.csv'],
    ['\ud83d calls \udc00', '_ calls _.csv'],
    ['gpj.\u202efdp', 'gpj._fdp.csv'],
    ['', DEFAULT],
    [' \t\u3000 ', DEFAULT],
    [undefined, DEFAULT],
    ['a'.repeat(1000), `${'a'.repeat(200)}.csv`],
    // 25 bytes each.
    ['👩‍👩‍👧‍👦'.repeat(30), `${'👩‍👩‍👧‍👦'.repeat(8)}.csv`],
  ])('is made safe (case %#)', async (name, expected) => {
    const url = await startNaming(() => name, adapter);
    expect(parse(await dispositionAt(url))?.name).toBe(expected);
  });

  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['a number', () => 5],
    ['an object', async () => ({ toString: () => 'calls' })],
    ['an error', () => Promise.reject(new Error('no name'))],
  ])('returns 500 if the host returns %s instead of a name', async (_title, fileName) => {
    const url = await startNaming(fileName as FileName, adapter);
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(url, { method, headers: ACCOUNT_1 });
      expect([response.status, response.headers.get('content-disposition')]).toEqual([500, null]);
    }
  });
});

it.each(['', ' ', 'a/b', 'a\n', '.calls', 'con', 'a'.repeat(201), '\ud83d', 5, null])(
  'The app does not start with a constant file name that is not safe (case %#)',
  async (fileName) => {
    await expect(startNaming(fileName as string)).rejects.toThrow(
      'CallsExportModule option fileName must be a function, or a file name of at most 200 bytes that is valid on every file system, got ',
    );
  },
);
