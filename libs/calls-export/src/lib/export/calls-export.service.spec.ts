import { once } from 'node:events';
import { Logger, type LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import {
  CALLS,
  CSV_FILE,
  exportText,
  fakeService,
  IDS,
  STARTED_AT,
} from '../../../test/fake-calls-source';
import { TooManyExportsError } from '../model/export-errors';
import type { ExportQuery } from './calls-export.service';
import { ExportAudit } from './export-audit';

const lines: object[] = [];
beforeAll(() => {
  const write = (line: object) => void lines.push(line);
  const logger: LoggerService = { log: write, warn: write, error: write };
  Logger.overrideLogger(logger);
});
afterAll(() => Logger.overrideLogger(false));
afterEach(() => lines.splice(0));

describe('CallsExportService.export', () => {
  it.each<[ExportQuery, string]>([
    [{}, CSV_FILE],
    [{ format: 'csv' }, CSV_FILE],
    [{ format: 'ndjson' }, IDS.map((id) => `{"id":${id}}\n`).join('')],
    [{ format: 'json' }, `[\n${IDS.map((id) => `{"id":${id}}`).join(',\n')}\n]`],
    [
      { view: 'times', timeZone: 'Europe/Berlin' },
      ['"Started At"', ...IDS.map(() => '"2023-10-30T10:00:00"'), ''].join('\r\n'),
    ],
    [{ view: 'times' }, ['"Started At"', ...IDS.map(() => `"${STARTED_AT}"`), ''].join('\r\n')],
  ])('exports the file of %j', async (query, file) => {
    const { service } = fakeService();
    expect(await exportText(service, query)).toBe(file);
  });

  it('applies the format settings', async () => {
    const { service } = fakeService({ byteOrderMark: true });
    expect((await exportText(service)).slice(0, 10)).toBe('\ufeff"Call ID"');
  });

  it('passes the account and the filter to the given DataSource', async () => {
    const { service, source, dataSources } = fakeService();
    const dataSource = {} as DataSource;
    const filter = { status: 'busy', assistantId: 5n, after: 3 };
    const query = { format: 'json', view: 'times', timeZone: 'UTC', dataSource } as const;
    await exportText(service, { ...query, ...filter, signal: new AbortController().signal });
    expect(source.requested).toEqual([[1, filter]]);
    expect(dataSources).toEqual([dataSource]);
  });

  it('reads pages of pageSize calls', async () => {
    const { service, source } = fakeService({ pageSize: 300 });
    await exportText(service);
    expect(source.keys).toEqual([
      [undefined, 300],
      [['300'], 300],
      [['600'], 300],
      [['900'], 300],
    ]);
  });

  it('reads smaller pages if they would exceed pageBytes', async () => {
    const { service, source } = fakeService({ pageBytes: 100 });
    await exportText(service);
    // The first two pages are started before the size of a call is known.
    expect(source.keys.slice(0, 2)).toEqual([
      [undefined, 400],
      [['400'], 400],
    ]);
    expect(source.keys.length).toBeGreaterThan(10);
  });

  it.each<[object, string]>([
    [{ format: 'xml' }, 'format must be one of csv, json, ndjson, xlsx, got xml'],
    [{ format: 'toString' }, 'format must be one of csv, json, ndjson, xlsx, got toString'],
    [
      { timeZone: 'Mars' },
      'timeZone must be an IANA time zone name such as Europe/Berlin, got Mars',
    ],
    [{ view: 'unknown' }, 'no such view'],
  ])('rejects %j without using a slot, and reports it as refused', async (query, message) => {
    const { service, source, outcomes } = fakeService();
    await expect(service.export(1, query)).rejects.toThrow(new TypeError(message));
    expect(service.load.running).toBe(0);
    expect(source.requested).toEqual([]);
    expect(outcomes()).toEqual([['refused', message]]);
  });

  it('does nothing if its signal is already aborted', async () => {
    const { service, dataSources, outcomes } = fakeService();
    const reason = new Error('canceled');
    await expect(service.export(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(dataSources).toEqual([]);
    expect(outcomes()).toEqual([['aborted', undefined]]);
  });

  it('occupies a slot until its stream closes', async () => {
    const { service, outcomes } = fakeService();
    expect(service.load).toEqual({ running: 0, most: 5 });
    const running = await service.export(1);
    expect(service.load).toEqual({ running: 1, most: 5 });
    await expect(service.export(1)).rejects.toThrow(TooManyExportsError);
    await expect(service.count(1)).rejects.toThrow(TooManyExportsError);
    running.destroy();
    await once(running, 'close');
    expect(service.load.running).toBe(0);
    expect(outcomes()).toEqual([
      ['refused', new TooManyExportsError('account', 1).message],
      ['aborted', undefined],
    ]);
  });

  it('audits the given parameters, and omits those not given', async () => {
    const { service, reports } = fakeService();
    const parameters = {
      status: 'busy',
      assistantId: 5n,
      startedFrom: 1_000_000n,
      startedBefore: new Date(0),
      after: 3,
      timeZone: 'UTC',
    };
    await exportText(service, { ...parameters, format: 'json', view: 'times' });
    await exportText(service);
    expect(lines).toMatchObject([
      { account: 1, view: 'times' },
      { account: 1, export: 'completed' },
    ]);
    expect(lines.map((line) => (line as { parameters: object }).parameters)).toStrictEqual([
      { format: 'json', ...parameters, assistantId: '5', startedFrom: '1000000' },
      { format: 'csv' },
    ]);
    expect(reports).toMatchObject([
      { format: 'json', account: 1, view: 'times', rows: CALLS, outcome: 'completed' },
      { format: 'csv', account: 1, rows: CALLS, outcome: 'completed' },
    ]);
    expect(reports[0]?.firstByteMs).toBeGreaterThan(0);
  });

  it('does not audit if the caller passes an audit', async () => {
    const { service, outcomes } = fakeService();
    const end = jest.fn();
    const audited = { account: 1, format: 'csv', parameters: {} } as const;
    const stream = await service.export(1, {}, new ExportAudit(audited, end));
    await stream.toArray();
    expect(service.load.running).toBe(0);
    expect([outcomes(), lines, end.mock.calls]).toEqual([[], [], []]);
  });
});
