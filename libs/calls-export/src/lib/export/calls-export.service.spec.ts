import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Logger, type LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Cell, EncodedCalls, FileEncoder } from '../formats/file-format';
import { EXPORT_COLUMNS } from '../formats/export-columns';
import type { CallKey, CallRange } from '../model/call-key';
import { DatabaseUnavailableError, TooManyExportsError } from '../model/export-errors';
import type { PageReader } from '../reading/page-reader';
import { CallsExportService, type ExportQuery, type FileSettings } from './calls-export.service';
import { ExportAudit } from './export-audit';
import type { ExportReport } from './export-report';
import { ExportSlots } from './export-slots';
import { getCallsExportServiceToken } from './service-token';

const ID = EXPORT_COLUMNS.filter(({ key }) => key === 'id');
const STARTED = EXPORT_COLUMNS.filter(({ key }) => key === 'started_at');
const NINE = '2023-10-30T09:00:00';
const CALLS = 1_000;

const withCode = (code: string) => Object.assign(new Error(`of the code ${code}`), { code });
const LOST = withCode('ECONNRESET');
const TOO_LATE = withCode('57014');

/** A source of calls 1, 2, 3 and so on, all of which have started at nine. */
class FakeSource {
  readonly asked: unknown[] = [];
  readonly keys: unknown[] = [];
  /** Is awaited before a page is read, and may fail in its place. */
  beforeRead: (after: number, signal: AbortSignal) => Promise<unknown> | void = () => {};
  counting: (signal: AbortSignal) => Promise<number> = async () => CALLS;
  signal = new AbortController().signal;
  running = 0;

  columns(view: string) {
    if (view === 'lost') throw new TypeError('no such view');
    return view === 'times' ? STARTED : ID;
  }

  async open(...[account, filter, columns, encoder, signal]: OpenArguments): Promise<PageReader> {
    this.asked.push([account, filter]);
    this.signal = signal;
    const cell: Cell = columns === STARTED ? NINE : 0;
    return {
      mayReadAhead: true,
      keyAfter: async (after, count) => {
        this.keys.push([after, count]);
        const id = Number(after ?? 0) + count;
        return id < CALLS ? [String(id)] : undefined;
      },
      read: ({ after, to }) => this.read(after, to, encoder, cell),
    };
  }

  count(account: unknown, filter: unknown, signal: AbortSignal): Promise<number> {
    this.asked.push([account, filter]);
    return this.counting(signal);
  }

  private async read(
    after: CallRange['after'],
    to: CallKey | undefined,
    encoder: FileEncoder,
    cell: Cell,
  ): Promise<EncodedCalls> {
    const first = Number(after ?? 0);
    const count = Number(to ?? CALLS) - first;
    this.running++;
    try {
      await this.beforeRead(first, this.signal);
      const rows = Array.from({ length: count }, (_, index) => [cell || first + index + 1]);
      return { bytes: Buffer.from(encoder.encodeRows(rows)), count };
    } finally {
      this.running--;
    }
  }
}
type OpenArguments = [unknown, object, readonly object[], FileEncoder, AbortSignal];

const SETTINGS = {
  formulaGuard: true,
  byteOrderMark: false,
  delimiter: ',',
  pageSize: 400,
  pageBytes: 1_000_000,
  retryTimeout: 20,
  countTimeout: 10,
} as const;

/** A service of a fake database, in which one export of an account may run. */
function start(settings: Partial<FileSettings> = {}) {
  const source = new FakeSource();
  const dataSources: unknown[] = [];
  const reports: ExportReport[] = [];
  const sources = {
    of: (dataSource: unknown) => {
      dataSources.push(dataSource);
      return source;
    },
  };
  const slots = new ExportSlots({ maxConcurrent: 5, maxPerAccount: 1 });
  const service = new CallsExportService(sources as never, slots, {
    ...SETTINGS,
    onExportEnd: (report) => void reports.push(report),
    ...settings,
  });
  const ends = () => reports.map(({ outcome, reason }) => [outcome, reason]);
  return { service, source, dataSources, reports, ends };
}

const textOf = async (service: CallsExportService, query?: ExportQuery) =>
  Buffer.concat(await (await service.export(1, query)).toArray()).toString();
/** As a database that goes on for a while. */
const untilAborted = async (signal: AbortSignal) => {
  if (!signal.aborted) await once(signal, 'abort');
};
const IDS = Array.from({ length: CALLS }, (_, index) => String(index + 1));

const lines: object[] = [];
beforeAll(() => {
  const write = (line: object) => void lines.push(line);
  const logger: LoggerService = { log: write, warn: write, error: write };
  Logger.overrideLogger(logger);
});
afterAll(() => Logger.overrideLogger(false));
afterEach(() => {
  lines.splice(0);
  jest.restoreAllMocks();
});

describe('export', () => {
  it.each<[ExportQuery, string]>([
    [{}, ['"Call ID"', ...IDS, ''].join('\r\n')],
    [{ format: 'csv' }, ['"Call ID"', ...IDS, ''].join('\r\n')],
    [{ format: 'ndjson' }, IDS.map((id) => `{"id":${id}}\n`).join('')],
    [{ format: 'json' }, `[\n${IDS.map((id) => `{"id":${id}}`).join(',\n')}\n]`],
    [
      { view: 'times', timeZone: 'Europe/Berlin' },
      ['"Started At"', ...IDS.map(() => '"2023-10-30T10:00:00"'), ''].join('\r\n'),
    ],
    [{ view: 'times' }, ['"Started At"', ...IDS.map(() => `"${NINE}"`), ''].join('\r\n')],
  ])('gives the file of %j', async (query, file) => {
    const { service } = start();
    expect(await textOf(service, query)).toBe(file);
  });

  it('writes as its settings say', async () => {
    const { service } = start({ byteOrderMark: true });
    expect((await textOf(service)).slice(0, 10)).toBe('\ufeff"Call ID"');
  });

  it("reads the account's calls that match, from the DataSource that is named", async () => {
    const { service, source, dataSources } = start();
    const dataSource = {} as DataSource;
    const filter = { status: 'busy', assistantId: 5n, after: 3 };
    const query = { format: 'json', view: 'times', timeZone: 'UTC', dataSource } as const;
    await textOf(service, { ...query, ...filter, signal: new AbortController().signal });
    expect(source.asked).toEqual([[1, filter]]);
    expect(dataSources).toEqual([dataSource]);
  });

  it('reads pages of as many calls as its settings say', async () => {
    const { service, source } = start({ pageSize: 300 });
    await textOf(service);
    expect(source.keys).toEqual([
      [undefined, 300],
      [['300'], 300],
      [['600'], 300],
      [['900'], 300],
    ]);
  });

  it('reads pages of as many bytes as its settings say', async () => {
    const { service, source } = start({ pageBytes: 100 });
    await textOf(service);
    // The first two pages are begun before anything is known of their size.
    expect(source.keys.slice(0, 2)).toEqual([
      [undefined, 400],
      [['400'], 400],
    ]);
    expect(source.keys.length).toBeGreaterThan(10);
  });

  it.each<[object, string]>([
    [{ format: 'xml' }, 'format must be one of csv, json, ndjson, xlsx, not xml'],
    [{ format: 'toString' }, 'format must be one of csv, json, ndjson, xlsx, not toString'],
    [
      { timeZone: 'Mars' },
      'timeZone must be an IANA time zone name such as Europe/Berlin, not Mars',
    ],
    [{ view: 'lost' }, 'no such view'],
  ])('refuses %j, takes no slot and says so', async (query, sentence) => {
    const { service, source, ends } = start();
    await expect(service.export(1, query)).rejects.toThrow(new TypeError(sentence));
    expect(service.load.running).toBe(0);
    expect(source.asked).toEqual([]);
    expect(ends()).toEqual([['refused', sentence]]);
  });

  it('has nothing to do for who has left before', async () => {
    const { service, dataSources, ends } = start();
    const reason = new Error('cancelled');
    await expect(service.export(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(dataSources).toEqual([]);
    expect(ends()).toEqual([['aborted', undefined]]);
  });

  it('takes a slot until it is over', async () => {
    const { service, ends } = start();
    expect(service.load).toEqual({ running: 0, most: 5 });
    const running = await service.export(1);
    expect(service.load).toEqual({ running: 1, most: 5 });
    await expect(service.export(1)).rejects.toThrow(TooManyExportsError);
    await expect(service.count(1)).rejects.toThrow(TooManyExportsError);
    running.destroy();
    await once(running, 'close');
    expect(service.load.running).toBe(0);
    expect(ends()).toEqual([
      ['refused', expect.stringContaining('1 exports of this account are running')],
      ['aborted', undefined],
    ]);
  });

  it('audits what was asked for, without what was not', async () => {
    const { service, reports } = start();
    const asked = {
      status: 'busy',
      assistantId: 5n,
      startedFrom: 1_000_000n,
      startedBefore: new Date(0),
      after: 3,
      timeZone: 'UTC',
    };
    await textOf(service, { ...asked, format: 'json', view: 'times' });
    await textOf(service);
    expect(lines).toMatchObject([
      { account: 1, view: 'times' },
      { account: 1, export: 'completed' },
    ]);
    expect(lines.map((line) => (line as { parameters: object }).parameters)).toStrictEqual([
      { format: 'json', ...asked, assistantId: '5', startedFrom: '1000000' },
      { format: 'csv' },
    ]);
    expect(reports).toMatchObject([
      { format: 'json', account: 1, view: 'times', rows: CALLS, outcome: 'completed' },
      { format: 'csv', account: 1, rows: CALLS, outcome: 'completed' },
    ]);
    expect(reports[0]?.firstByteMs).toBeGreaterThan(0);
  });

  it('leaves the audit to who brings one', async () => {
    const { service, ends } = start();
    const end = jest.fn();
    const audited = { account: 1, format: 'csv', parameters: {} } as const;
    const stream = await service.export(1, {}, new ExportAudit(audited, end));
    await stream.toArray();
    expect(service.load.running).toBe(0);
    expect([ends(), lines, end.mock.calls]).toEqual([[], [], []]);
  });
});

describe('an export that ends early', () => {
  it.each<[string, unknown, string, string]>([
    ['is lost', LOST, 'The database is not available at the moment: try again soon', LOST.message],
    [
      'is too slow',
      TOO_LATE,
      'The database did not answer in time: it is busy or locked, or this export is too much for it',
      TOO_LATE.message,
    ],
    ['refuses', new Error('no such table'), 'no such table', 'no such table'],
  ])('is refused where the database %s at once', async (_, fault, message, reason) => {
    const { service, source, ends } = start();
    source.beforeRead = () => Promise.reject(fault);
    const refusal: unknown = await service.export(1).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ message });
    expect(refusal instanceof DatabaseUnavailableError ? refusal.cause : refusal).toBe(fault);
    expect(service.load.running).toBe(0);
    expect(ends()).toEqual([['refused', reason]]);
  });

  it('reads a later page again, for as long as its settings say', async () => {
    const { service, source, ends } = start({ retryTimeout: 0 });
    let failures = 0;
    source.beforeRead = async (after) => {
      if (after !== 800) return;
      failures++;
      if (failures === 1) throw LOST;
    };
    expect(await textOf(service)).toBe(['"Call ID"', ...IDS, ''].join('\r\n'));
    expect(failures).toBe(2);
    source.beforeRead = async (after) => {
      if (after === 800) throw LOST;
    };
    await expect(textOf(service)).rejects.toBe(LOST);
    expect(service.load.running).toBe(0);
    expect(ends()).toEqual([
      ['completed', undefined],
      ['failed', LOST.message],
    ]);
  });

  it('is stopped while its first page is read', async () => {
    const { service, source, ends } = start();
    const stop = new AbortController();
    const reason = new Error('cancelled');
    const reading = new Promise<void>((begun) => {
      source.beforeRead = async (after, signal) => {
        begun();
        await untilAborted(signal);
        // The page ahead takes a little longer to stop.
        for (let turns = 0; turns < after / 100; turns++) await turn();
      };
    });
    const starting = service.export(1, { signal: stop.signal });
    await reading;
    stop.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect([service.load.running, source.running]).toEqual([0, 0]);
    expect(ends()).toEqual([['aborted', undefined]]);
  });

  it.each<[string, (service: CallsExportService, stop: AbortController) => void, unknown[]]>([
    ['its signal', (_, stop) => stop.abort(new Error('cancelled')), ['aborted', undefined]],
    ['the app', (service) => service.stopAll('the app ends'), ['failed', 'the app ends']],
  ])('is stopped in its middle by %s', async (_, stopIt, end) => {
    const { service, source, ends } = start();
    const stop = new AbortController();
    source.beforeRead = async (after, signal) => {
      if (after === 800) await untilAborted(signal);
    };
    const stream = await service.export(1, { signal: stop.signal });
    stream.once('data', () => stopIt(service, stop));
    await expect(once(stream, 'end')).rejects.toMatchObject({ name: 'AbortError' });
    if (!stream.closed) await once(stream, 'close');
    expect([service.load.running, source.running]).toEqual([0, 0]);
    expect(ends()).toEqual([end]);
  });

  it('stops what it reads when it is left', async () => {
    const { service, source, ends } = start();
    source.beforeRead = async (after, signal) => {
      if (after === 400) await untilAborted(signal);
    };
    const stream = await service.export(1);
    await turn();
    expect(source.running).toBe(1);
    stream.destroy();
    await once(stream, 'close');
    expect([service.load.running, source.running]).toEqual([0, 0]);
    expect(ends()).toEqual([['aborted', undefined]]);
  });
});

describe('count', () => {
  it("counts the account's calls that match, in the place of an export", async () => {
    const { service, source, dataSources } = start();
    const dataSource = {} as DataSource;
    const counting = service.count(1, { status: 'busy', dataSource });
    expect(service.load.running).toBe(1);
    expect(await counting).toBe(CALLS);
    expect(service.load.running).toBe(0);
    expect(source.asked).toEqual([[1, { status: 'busy' }]]);
    expect(dataSources).toEqual([dataSource]);
    expect(await service.count(2)).toBe(CALLS);
  });

  it('is not known where it takes longer than its settings say', async () => {
    const clock = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(clock.signal);
    const { service, source } = start({ countTimeout: 3 });
    source.counting = async (signal) => {
      await untilAborted(signal);
      throw signal.reason;
    };
    const counting = service.count(1);
    expect(timeout.mock.calls).toEqual([[3_000]]);
    clock.abort();
    expect(await counting).toBeUndefined();
    expect(service.load.running).toBe(0);
  });

  it('is not known where the database gives up', async () => {
    const { service, source } = start();
    source.counting = () => Promise.reject(TOO_LATE);
    expect(await service.count(1)).toBeUndefined();
  });

  it('fails as the database does', async () => {
    const { service, source } = start();
    for (const [fault, refusal] of [
      [LOST, new DatabaseUnavailableError(LOST)],
      [new Error('no such table'), new Error('no such table')],
    ]) {
      source.counting = () => Promise.reject(fault);
      await expect(service.count(1)).rejects.toThrow(refusal);
      expect(service.load.running).toBe(0);
    }
  });

  it('is stopped by a signal, before and while it counts', async () => {
    const { service, source, dataSources } = start();
    const reason = new Error('cancelled');
    await expect(service.count(1, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(dataSources).toEqual([]);
    source.counting = async (signal) => {
      await untilAborted(signal);
      throw signal.reason;
    };
    const stop = new AbortController();
    const counting = service.count(1, {}, stop.signal);
    stop.abort(reason);
    await expect(counting).rejects.toBe(reason);
    const another = service.count(1);
    service.stopAll('the app ends');
    await expect(another).rejects.toThrow('the app ends');
    expect(service.load.running).toBe(0);
  });
});

describe('getCallsExportServiceToken', () => {
  it('is the class, or a name of the import', () => {
    expect(getCallsExportServiceToken()).toBe(CallsExportService);
    expect(getCallsExportServiceToken('archive')).toBe('CallsExportService:archive');
  });
});
