import { Logger, type LoggerService } from '@nestjs/common';
import { ExportAudit } from './export-audit';
import type { ExportOutcome, ExportReport } from './export-report';

describe('ExportAudit', () => {
  const lines: unknown[] = [];
  /** The level and the context of each line. */
  const levels: [level: string, context: unknown][] = [];
  const logAt =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      lines.push(message);
      levels.push([level, rest.at(-1)]);
    };
  beforeAll(() => {
    const logger: LoggerService = {
      log: logAt('log'),
      warn: logAt('warn'),
      error: logAt('error'),
      debug: logAt('debug'),
    };
    Logger.overrideLogger(logger);
  });
  afterAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    lines.splice(0);
    levels.splice(0);
  });
  afterEach(() => jest.restoreAllMocks());

  it.each<[ExportOutcome, string | undefined]>([
    ['completed', 'abc'],
    // The client disconnected between the last byte and the end of the response.
    ['aborted', undefined],
    ['failed', undefined],
  ])('reports a %s export of a complete file with the digest %s', (outcome, sha256) => {
    const reports: ExportReport[] = [];
    const audit = new ExportAudit(
      { account: 1, format: 'csv', parameters: {} },
      (report) => void reports.push(report),
    );
    audit.end(outcome, { progress: { rows: 1, bytes: 2 }, sha256: 'abc' });
    for (const record of [...reports, ...lines] as ExportReport[])
      expect([record.rows, record.bytes, record.sha256]).toEqual([1, 2, sha256]);
    expect([reports.length, lines.length]).toEqual([1, 1]);
    expect(Object.keys(lines[0] as object).includes('sha256')).toBe(sha256 !== undefined);
  });

  it.each<[ExportOutcome, string | undefined, string]>([
    ['completed', undefined, 'Export completed: 1 call, 2 bytes'],
    ['aborted', undefined, 'Export aborted after 1 call, 2 bytes'],
    ['failed', 'a\r\nreason\u0000', 'Export failed after 1 call, 2 bytes: a reason '],
    ['refused', 'a reason', 'Export refused: a reason'],
  ])('logs a message for a %s export', (outcome, reason, message) => {
    const audit = new ExportAudit({ account: 1, format: 'csv', parameters: {} }, () => {});
    audit.end(outcome, { progress: { rows: 1, bytes: 2 } }, reason);
    expect(lines).toEqual([expect.objectContaining({ message, export: outcome })]);
  });

  it.each<[unknown, unknown]>([
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(201), `${'x'.repeat(200)}… (201 characters)`],
    [`${'x'.repeat(199)}😀`, `${'x'.repeat(199)}… (201 characters)`],
    [10n ** 300n, `1${'0'.repeat(199)}… (301 characters)`],
    [Array(21).fill(1), [...Array(20).fill(1), '… (21 in all)']],
    [{ a: { b: { c: 1 } } }, { a: { b: '…' } }],
    [new Date(0), new Date(0)],
    [null, null],
  ])('truncates values: %p', (value, expected) => {
    const audit = new ExportAudit(
      { account: 1, format: 'csv', parameters: { value, ['n'.repeat(300)]: 1 } },
      () => {},
    );
    audit.end('completed', { progress: { rows: 1, bytes: 2 } });
    const parameters = { value: expected, [`${'n'.repeat(200)}… (300 characters)`]: 1 };
    expect(lines).toEqual([expect.objectContaining({ parameters })]);
  });

  it('truncates a long list of parameters', () => {
    const parameters = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, n]));
    const audit = new ExportAudit({ account: 1, format: 'csv', parameters }, () => {});
    audit.end('completed', { progress: { rows: 1, bytes: 2 } });
    const [line] = lines as { parameters: object }[];
    expect(Object.entries(line?.parameters ?? {}).slice(-2)).toEqual([
      ['p19', 19],
      ['…', '… (100 in all)'],
    ]);
  });

  it.each<[ExportOutcome, string | undefined, string]>([
    ['completed', undefined, 'log'],
    ['aborted', undefined, 'log'],
    ['failed', undefined, 'error'],
    ['refused', undefined, 'warn'],
    ['refused', 'Error: at test', 'error'],
  ])('logs a %s export with the stack %s at the level %s', (outcome, stack, level) => {
    const audit = new ExportAudit({ account: 1, format: 'csv', parameters: {} }, () => {});
    audit.end(outcome, { progress: { rows: 1, bytes: 2 } }, undefined, stack);
    expect(levels).toEqual([[level, 'CallsExport']]);
    expect((lines[0] as { stack?: string }).stack).toBe(stack);
    expect(Object.keys(lines[0] as object).includes('stack')).toBe(stack !== undefined);
  });

  it('records who requested what, the outcome and the duration', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const reports: ExportReport[] = [];
    const audited = {
      requestId: 'r-1',
      account: 7n,
      subject: 'ann',
      format: 'csv',
      view: 'analyst',
      parameters: { status: 'busy' },
    } as const;
    const audit = new ExportAudit(audited, (report) => void reports.push(report));
    now.mockReturnValue(1_020.25);
    audit.begin();
    const who = {
      requestId: 'r-1',
      account: '7',
      subject: 'ann',
      parameters: { status: 'busy' },
      view: 'analyst',
    };
    expect(lines.splice(0)).toEqual([{ message: 'Export started', export: 'begun', ...who }]);
    now.mockReturnValue(1_100.75);
    audit.end('failed', { progress: { rows: 3, bytes: 1 } }, 'lost');
    expect(lines).toEqual([
      {
        message: 'Export failed after 3 calls, 1 byte: lost',
        export: 'failed',
        reason: 'lost',
        ...who,
        rows: 3,
        bytes: 1,
        durationMs: 101,
      },
    ]);
    expect(levels.map(([level]) => level)).toEqual(['debug', 'error']);
    expect(reports).toEqual([
      {
        outcome: 'failed',
        format: 'csv',
        account: 7n,
        view: 'analyst',
        reason: 'lost',
        rows: 3,
        bytes: 1,
        sha256: undefined,
        durationMs: 100.75,
        firstByteMs: 20.25,
      },
    ]);
  });

  it('omits fields without a value', () => {
    const reports: ExportReport[] = [];
    const audit = new ExportAudit(
      { account: 1, format: 'csv', parameters: {} },
      (report) => void reports.push(report),
    );
    audit.end('refused', { progress: { rows: 0, bytes: 0 } });
    expect(Object.keys(lines[0] as object)).toEqual([
      'message',
      'export',
      'account',
      'subject',
      'parameters',
      'rows',
      'bytes',
      'durationMs',
    ]);
    expect(lines).toEqual([expect.objectContaining({ subject: null })]);
    expect(Object.keys(reports[0] as object)).not.toContain('view');
    expect(reports).toEqual([expect.objectContaining({ firstByteMs: undefined })]);
  });

  it('logs an error that onExportEnd throws, and does not rethrow it', () => {
    const error = new Error('bug in the host');
    const audit = new ExportAudit({ account: 1, format: 'csv', parameters: {} }, () => {
      throw error;
    });
    audit.end('completed', { progress: { rows: 1, bytes: 2 } });
    expect(lines.slice(1)).toEqual([error]);
    expect(levels.map(([level]) => level)).toEqual(['log', 'error']);
  });
});
