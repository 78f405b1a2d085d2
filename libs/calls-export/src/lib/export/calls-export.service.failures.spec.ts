import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  CONNECTION_LOST,
  CSV_FILE,
  exportText,
  fakeService,
  STATEMENT_TIMEOUT,
  untilAborted,
} from '../../../test/fake-calls-source';
import { DatabaseUnavailableError } from '../model/export-errors';
import type { CallsExportService } from './calls-export.service';

beforeAll(() => Logger.overrideLogger(false));

describe('CallsExportService.export that ends early', () => {
  it.each<[string, unknown, string, string]>([
    [
      'loses the connection',
      CONNECTION_LOST,
      new DatabaseUnavailableError(CONNECTION_LOST).message,
      CONNECTION_LOST.message,
    ],
    [
      'times out',
      STATEMENT_TIMEOUT,
      new DatabaseUnavailableError(STATEMENT_TIMEOUT, true).message,
      STATEMENT_TIMEOUT.message,
    ],
    ['reports another error', new Error('no such table'), 'no such table', 'no such table'],
  ])('is refused if the database %s on the first page', async (_, error, message, reason) => {
    const { service, source, outcomes } = fakeService();
    source.beforeRead = () => Promise.reject(error);
    const thrown: unknown = await service.export(1).catch((caught: unknown) => caught);
    expect(thrown).toMatchObject({ message });
    expect(thrown instanceof DatabaseUnavailableError ? thrown.cause : thrown).toBe(error);
    expect(service.load.running).toBe(0);
    expect(outcomes()).toEqual([['refused', reason]]);
  });

  it('retries a later page until retryTimeout', async () => {
    const { service, source, outcomes } = fakeService({ retryTimeout: 0 });
    let failures = 0;
    source.beforeRead = async (after) => {
      if (after !== 800) return;
      failures++;
      if (failures === 1) throw CONNECTION_LOST;
    };
    expect(await exportText(service)).toBe(CSV_FILE);
    expect(failures).toBe(2);
    source.beforeRead = async (after) => {
      if (after === 800) throw CONNECTION_LOST;
    };
    await expect(exportText(service)).rejects.toBe(CONNECTION_LOST);
    expect(service.load.running).toBe(0);
    expect(outcomes()).toEqual([
      ['completed', undefined],
      ['failed', CONNECTION_LOST.message],
    ]);
  });

  it('stops while its first page is being read if its signal is aborted', async () => {
    const { service, source, outcomes } = fakeService();
    const stop = new AbortController();
    const reason = new Error('canceled');
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
    expect(outcomes()).toEqual([['aborted', undefined]]);
  });

  it.each<[string, (service: CallsExportService, stop: AbortController) => void, unknown[]]>([
    [
      'its signal is aborted',
      (_, stop) => stop.abort(new Error('canceled')),
      ['aborted', undefined],
    ],
    ['stopAll is called', (service) => service.stopAll('shutdown'), ['failed', 'shutdown']],
  ])('stops in the middle of the file if %s', async (_, stopExport, outcome) => {
    const { service, source, outcomes } = fakeService();
    const stop = new AbortController();
    source.beforeRead = async (after, signal) => {
      if (after === 800) await untilAborted(signal);
    };
    const stream = await service.export(1, { signal: stop.signal });
    stream.once('data', () => stopExport(service, stop));
    await expect(once(stream, 'end')).rejects.toMatchObject({ name: 'AbortError' });
    if (!stream.closed) await once(stream, 'close');
    expect([service.load.running, source.running]).toEqual([0, 0]);
    expect(outcomes()).toEqual([outcome]);
  });

  it('stops reading when its stream is destroyed', async () => {
    const { service, source, outcomes } = fakeService();
    source.beforeRead = async (after, signal) => {
      if (after === 400) await untilAborted(signal);
    };
    const stream = await service.export(1);
    await turn();
    expect(source.running).toBe(1);
    stream.destroy();
    await once(stream, 'close');
    expect([service.load.running, source.running]).toEqual([0, 0]);
    expect(outcomes()).toEqual([['aborted', undefined]]);
  });
});
