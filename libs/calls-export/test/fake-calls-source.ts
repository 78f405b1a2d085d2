import { once } from 'node:events';
import {
  CallsExportService,
  type ExportQuery,
  type FileSettings,
} from '../src/lib/export/calls-export.service';
import type { ExportReport } from '../src/lib/export/export-report';
import { ExportSlots } from '../src/lib/export/export-slots';
import { EXPORT_COLUMNS } from '../src/lib/formats/export-columns';
import type { Cell, EncodedCalls, FileEncoder } from '../src/lib/formats/file-format';
import type { CallKey, CallRange } from '../src/lib/model/call-key';
import type { PageReader } from '../src/lib/reading/page-reader';

const ID = EXPORT_COLUMNS.filter(({ key }) => key === 'id');
const STARTED = EXPORT_COLUMNS.filter(({ key }) => key === 'started_at');

/** When each call of a {@link FakeCallsSource} started. */
export const STARTED_AT = '2023-10-30T09:00:00';
/** The number of calls of a {@link FakeCallsSource}. */
export const CALLS = 1_000;

/** Creates an error with the code of a driver. */
export const withCode = (code: string) => Object.assign(new Error(`error code ${code}`), { code });
export const CONNECTION_LOST = withCode('ECONNRESET');
export const STATEMENT_TIMEOUT = withCode('57014');

/** A database with the calls 1 to {@link CALLS}. */
class FakeCallsSource {
  /** The account and filter of each export and count. */
  readonly requested: unknown[] = [];
  /** The arguments of each `keyAfter`. */
  readonly keys: unknown[] = [];
  /** Is awaited before a page is read. If it rejects, the page fails. */
  beforeRead: (after: number, signal: AbortSignal) => Promise<unknown> | void = () => {};
  countCalls: (signal: AbortSignal) => Promise<number> = async () => CALLS;
  /** The number of pages being read. */
  running = 0;
  private signal = new AbortController().signal;

  columns(view: string) {
    if (view === 'unknown') throw new TypeError('no such view');
    return view === 'times' ? STARTED : ID;
  }

  async open(...[account, filter, columns, encoder, signal]: OpenArguments): Promise<PageReader> {
    this.requested.push([account, filter]);
    this.signal = signal;
    const cell: Cell = columns === STARTED ? STARTED_AT : 0;
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
    this.requested.push([account, filter]);
    return this.countCalls(signal);
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

/** Creates a service of a fake database that runs at most one export per account. */
export function fakeService(settings: Partial<FileSettings> = {}) {
  const source = new FakeCallsSource();
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
  const outcomes = () => reports.map(({ outcome, reason }) => [outcome, reason]);
  return { service, source, dataSources, reports, outcomes };
}

/** Exports the calls of account 1 and returns the file. */
export async function exportText(
  service: CallsExportService,
  query?: ExportQuery,
): Promise<string> {
  return Buffer.concat(await (await service.export(1, query)).toArray()).toString();
}

/** Waits like a query that runs until it is canceled. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** The ids of all calls. */
export const IDS = Array.from({ length: CALLS }, (_, index) => String(index + 1));
/** The default file of all calls. */
export const CSV_FILE = ['"Call ID"', ...IDS, ''].join('\r\n');
