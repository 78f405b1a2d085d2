import { Logger, type LoggerService } from '@nestjs/common';
import { ExportAudit } from './export-audit';
import type { ExportOutcome, ExportReport } from './export-report';

describe('The audit', () => {
  const lines: unknown[] = [];
  const write = (message: unknown) => void lines.push(message);
  beforeAll(() => {
    const logger: LoggerService = { log: write, warn: write, error: write };
    Logger.overrideLogger(logger);
  });
  afterAll(() => Logger.overrideLogger(false));
  beforeEach(() => void lines.splice(0));

  it.each<[ExportOutcome, string | undefined]>([
    ['completed', 'abc'],
    // As a client does that leaves between the last byte and the end of the response.
    ['aborted', undefined],
    ['failed', undefined],
  ])('of a %s export whose file was read to its end has the digest %s', (outcome, sha256) => {
    const reports: ExportReport[] = [];
    const audit = new ExportAudit(
      { account: 1, format: 'csv', parameters: {} },
      (report) => void reports.push(report),
    );
    audit.end(outcome, { progress: { rows: 1, bytes: 2 }, sha256: 'abc' });
    for (const told of [...reports, ...lines] as ExportReport[])
      expect([told.rows, told.bytes, told.sha256]).toEqual([1, 2, sha256]);
    expect([reports.length, lines.length]).toEqual([1, 1]);
    expect(Object.keys(lines[0] as object).includes('sha256')).toBe(sha256 !== undefined);
  });

  it.each<[ExportOutcome, string | undefined, string]>([
    ['completed', undefined, 'Export completed: 1 call, 2 bytes'],
    ['aborted', undefined, 'Export aborted after 1 call, 2 bytes'],
    ['failed', 'a\nreason\u0000', 'Export failed after 1 call, 2 bytes: a reason '],
    ['refused', 'a reason', 'Export refused: a reason'],
  ])('of a %s export has a sentence', (outcome, reason, message) => {
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
  ])('is short, whatever it tells of: %p', (value, expected) => {
    const audit = new ExportAudit(
      { account: 1, format: 'csv', parameters: { value, ['n'.repeat(300)]: 1 } },
      () => {},
    );
    audit.end('completed', { progress: { rows: 1, bytes: 2 } });
    const parameters = { value: expected, [`${'n'.repeat(200)}… (300 characters)`]: 1 };
    expect(lines).toEqual([expect.objectContaining({ parameters })]);
  });

  it('has the first of many parameters', () => {
    const parameters = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, n]));
    const audit = new ExportAudit({ account: 1, format: 'csv', parameters }, () => {});
    audit.end('completed', { progress: { rows: 1, bytes: 2 } });
    const [line] = lines as { parameters: object }[];
    expect(Object.entries(line?.parameters ?? {}).slice(-2)).toEqual([
      ['p19', 19],
      ['…', '… (100 in all)'],
    ]);
  });
});
