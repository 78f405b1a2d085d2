import type { DataSource } from 'typeorm';
import {
  CALLS,
  CONNECTION_LOST,
  fakeService,
  STATEMENT_TIMEOUT,
  untilAborted,
} from '../../../test/fake-calls-source';
import { DatabaseUnavailableError } from '../model/export-errors';

afterEach(() => jest.restoreAllMocks());

describe('CallsExportService.count', () => {
  it('counts the matching calls, and occupies a slot meanwhile', async () => {
    const { service, source, dataSources } = fakeService();
    const dataSource = {} as DataSource;
    const counting = service.count(1, { status: 'busy', dataSource });
    expect(service.load.running).toBe(1);
    expect(await counting).toBe(CALLS);
    expect(service.load.running).toBe(0);
    expect(source.requested).toEqual([[1, { status: 'busy' }]]);
    expect(dataSources).toEqual([dataSource]);
    expect(await service.count(2)).toBe(CALLS);
  });

  it('returns undefined if counting takes longer than countTimeout', async () => {
    const clock = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(clock.signal);
    const { service, source } = fakeService({ countTimeout: 3 });
    source.countCalls = async (signal) => {
      await untilAborted(signal);
      throw signal.reason;
    };
    const counting = service.count(1);
    expect(timeout.mock.calls).toEqual([[3_000]]);
    clock.abort();
    expect(await counting).toBeUndefined();
    expect(service.load.running).toBe(0);
  });

  it('returns undefined if the statement times out in the database', async () => {
    const { service, source } = fakeService();
    source.countCalls = () => Promise.reject(STATEMENT_TIMEOUT);
    expect(await service.count(1)).toBeUndefined();
  });

  it('fails with the error of the database', async () => {
    const { service, source } = fakeService();
    for (const [error, expected] of [
      [CONNECTION_LOST, new DatabaseUnavailableError(CONNECTION_LOST)],
      [new Error('no such table'), new Error('no such table')],
    ]) {
      source.countCalls = () => Promise.reject(error);
      await expect(service.count(1)).rejects.toThrow(expected);
      expect(service.load.running).toBe(0);
    }
  });

  it('stops if its signal is aborted, before or while it counts, or stopAll is called', async () => {
    const { service, source, dataSources } = fakeService();
    const reason = new Error('canceled');
    await expect(service.count(1, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(dataSources).toEqual([]);
    source.countCalls = async (signal) => {
      await untilAborted(signal);
      throw signal.reason;
    };
    const stop = new AbortController();
    const counting = service.count(1, {}, stop.signal);
    stop.abort(reason);
    await expect(counting).rejects.toBe(reason);
    const another = service.count(1);
    service.stopAll('shutdown');
    await expect(another).rejects.toThrow('shutdown');
    expect(service.load.running).toBe(0);
  });
});
