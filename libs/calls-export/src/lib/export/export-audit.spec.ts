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
});
