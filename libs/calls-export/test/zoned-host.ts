import type { TestDatabase } from '@calls/testing';
import { type CallsExportOptions, CallsExportModule } from '../src';
import { importsOn } from './exporting-host';
import { insertCalls } from './insert-calls';
import { UNUSUAL_DAYS } from './shown-in';
import { ACCOUNT_1, closeHosts, HeaderGuard, startHost } from './small-host';

export interface ExportedCall {
  readonly id: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/**
 * The starts of calls, in seconds: around midnight and each change of the unusual days, and spread over all
 * years.
 */
export const STARTS = [
  ...UNUSUAL_DAYS.flatMap(([, date]) =>
    Array.from({ length: 80 }, (_, index) => Date.parse(date) / 1000 + (index - 28) * 1800),
  ),
  ...UNUSUAL_DAYS.flatMap(([, date]) =>
    Array.from({ length: 20 }, (_, index) => Date.parse(date) / 1000 + (index - 10) * 3600 - 1),
  ),
  ...Array.from({ length: 270 }, (_, index) => index * 15_299_999),
].filter((seconds) => seconds > 0 && seconds < Date.parse('2100-12-31') / 1000);

/** Starts a host for the tests of a suite, with a call for each of the starts. */
export function zonedHost(database: TestDatabase, options: CallsExportOptions = {}) {
  let url: string;

  beforeAll(async () => {
    const { dataSource } = database;
    const calls = STARTS.map((seconds, index) => ({
      id: String(index + 1),
      accountId: 1,
      callSid: `CA${index}`,
      status: 'completed',
      startedAt: index % 100 === 99 ? null : new Date(seconds * 1000 + (index % 2) * 999),
      endedAt: index % 10 === 9 ? null : new Date((seconds + 601) * 1000),
    }));
    await insertCalls(dataSource, calls);
    const [typeOrm] = importsOn(dataSource);
    const module = CallsExportModule.forRoot({ ...options, guards: [HeaderGuard] });
    ({ url } = await startHost([typeOrm as never, module]));
  }, 60_000);
  afterAll(() => closeHosts());

  const request = (query: Record<string, string>, method = 'GET') =>
    fetch(`${url}/calls/export?${new URLSearchParams(query)}`, { method, headers: ACCOUNT_1 });

  async function exported(query: Record<string, string>): Promise<ExportedCall[]> {
    const response = await request({ ...query, format: 'json' });
    expect(response.status).toBe(200);
    return (await response.json()) as ExportedCall[];
  }

  return {
    /** The URL of the export. */
    url: () => `${url}/calls/export`,
    request,
    exported,
  };
}
