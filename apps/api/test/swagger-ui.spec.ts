// @slow
// @needs Chromium
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS } from '@calls/testing';
import { parse } from 'papaparse';
import { type Browser, chromium, type Page } from 'playwright-core';
import { dataSourceOptions } from '../src/data-source-options';
import { type Api, accountToken, startApi } from './start-api';
import { ROOT } from './workspace';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const SCREENSHOT = join(ROOT, 'tmp/swagger-ui.png');
const CALLS = 200;
const EXPORT = '#operations-Calls-exportCalls';

function suite(database: Parameters<Parameters<typeof describeEachDatabase>[2]>[0]): void {
  let api: Api;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await seedCalls(database.dataSource, 1, CALLS);
    api = await startApi(database.url);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });
  beforeEach(openDocs, TIMEOUT_MS);
  afterEach(() => page.close());

  async function openDocs(): Promise<void> {
    page = await browser.newPage({ viewport: { width: 1200, height: 1100 } });
    await page.goto(`${api.url}/docs`);
  }

  async function authorize(token: string): Promise<void> {
    await page.locator('button.authorize').first().click();
    await page.locator('.dialog-ux input').fill(token);
    await page.locator('.dialog-ux button.authorize').click();
    await page.locator('.dialog-ux button.btn-done').click();
  }

  /** Fills in the form and sends it. Parameters that are not given keep their defaults. */
  async function execute(parameters: Record<string, string>): Promise<void> {
    const operation = page.locator(EXPORT);
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('button.try-out__btn').click();
    for (const [name, value] of Object.entries(parameters)) {
      const row = operation.locator(`tr[data-param-name="${name}"]`);
      const select = row.locator('td.parameters-col_description > select');
      if (await select.count()) await select.selectOption(value);
      else await row.locator('input').fill(value);
    }
    await operation.locator('button.execute').click();
    await operation.locator('.live-responses-table').waitFor();
  }

  const live = (selector: string) => page.locator(`${EXPORT} .live-responses-table ${selector}`);

  async function savedFile(): Promise<[name: string, text: string]> {
    const [name, bytes] = await savedBytes();
    return [name, bytes.toString()];
  }

  async function savedBytes(): Promise<[name: string, bytes: Buffer]> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      live('a[download]').click(),
    ]);
    return [download.suggestedFilename(), await readFile(await download.path())];
  }

  const token = () => accountToken(1);
  const idsOf = async (where: string) => {
    const rows: { id: string }[] = await database.dataSource.query(
      `SELECT id FROM calls WHERE account_id = 1 AND ${where} ORDER BY id`,
    );
    return rows.map(({ id }) => Number(id));
  };

  it(
    'shows GET before HEAD, and leaves filters empty by default',
    async () => {
      const methods = await page.locator('.opblock-summary-method').allInnerTexts();
      expect(methods).toEqual(['GET', 'HEAD']);
      await authorize(token());
      await execute({});
      const [, csv] = await savedFile();
      expect(csv.split('\r\n')).toHaveLength(CALLS + 2);
      expect(csv).toBe(await (await api.export()).text());
    },
    TIMEOUT_MS,
  );

  it(
    'saves the same file as other clients, in each format',
    async () => {
      const document = (await (await fetch(`${api.url}/docs-json`)).json()) as {
        paths: Record<string, { get: { parameters: { schema: { enum?: string[] } }[] } }>;
      };
      const parameters = document.paths['/api/v1/calls/export']?.get.parameters ?? [];
      const formats = parameters[0]?.schema.enum ?? [];
      expect(formats).toEqual(expect.arrayContaining(['csv', 'json', 'ndjson']));
      for (const format of formats) {
        await authorize(token());
        await execute({ format });
        const [name, bytes] = await savedBytes();
        const response = await api.export({ format });
        expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
        const expected = Buffer.from(await response.arrayBuffer());
        expect(expected.length).toBeGreaterThan(CALLS);
        expect(bytes.equals(expected)).toBe(true);
        await page.close();
        await openDocs();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'saves a CSV file filtered by status',
    async () => {
      await authorize(token());
      await execute({ format: 'csv', status: 'completed' });
      expect(await live('.response td.response-col_status').innerText()).toMatch(/^200/);
      mkdirSync(dirname(SCREENSHOT), { recursive: true });
      // boundingBox is relative to the viewport, clip to the page.
      await page.evaluate('scrollTo(0, 0)');
      const box = await page.locator(EXPORT).boundingBox();
      const response = await page.locator(`${EXPORT} .live-responses-table`).boundingBox();
      if (!box || !response) throw new Error('The operation is not on the page');
      // Excludes the examples at the end.
      const height = response.y + response.height - box.y;
      await page.screenshot({ path: SCREENSHOT, fullPage: true, clip: { ...box, height } });
      const [name, csv] = await savedFile();
      expect(name).toBe('calls_export.csv');
      const { data } = parse<{ 'Call ID': string }>(csv, { header: true, skipEmptyLines: true });
      const expected = await idsOf(`status = 'completed'`);
      expect(expected.length).toBeGreaterThan(100);
      expect(data.map((call) => Number(call['Call ID']))).toEqual(expected);
    },
    TIMEOUT_MS,
  );

  it(
    'saves a JSON file filtered by assistant and date',
    async () => {
      const [{ id }] = await database.dataSource.query(
        'SELECT assistant_id AS id FROM calls WHERE assistant_id IS NOT NULL LIMIT 1',
      );
      await authorize(token());
      await execute({ format: 'json', assistant_id: String(id), date_from: '1970-01-01' });
      const [name, json] = await savedFile();
      expect(name).toBe('calls_export.json');
      const expected = await idsOf(`assistant_id = ${id} AND started_at IS NOT NULL`);
      expect(expected.length).toBeGreaterThan(10);
      const ids = (JSON.parse(json) as { id: number }[]).map((call) => call.id);
      expect(ids.sort((a, b) => a - b)).toEqual(expected);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['an invalid token', 'nonsense', {}, '401', 'The bearer token is invalid'],
    [
      'an invalid date',
      undefined,
      { date_from: '2023-02-31' },
      '400',
      'date_from must be a valid date',
    ],
  ])(
    'shows the error for %s',
    async (_, wrong, parameters: Record<string, string>, status, message) => {
      await authorize(wrong ?? token());
      await execute(parameters);
      expect(await live('.response td.response-col_status').innerText()).toMatch(
        new RegExp(`^${status}`),
      );
      expect(await live('.response td.response-col_description').innerText()).toContain(message);
    },
    TIMEOUT_MS,
  );
}

describeEachDatabase('Swagger UI in Chromium', dataSourceOptions, suite, ['embedded PostgreSQL']);
