import { text } from 'node:stream/consumers';
import type { AccountId, CallsFilter } from '../../src';
import type { FindHost } from './find-host';
import type { Cells } from './oracle';

/**
 * Exports and counts by each service. @returns the calls, or the error of the export or, if that succeeds, of
 * the count.
 */
export async function outcomesOf(
  host: FindHost,
  account: AccountId,
  filter: CallsFilter = {},
): Promise<(Cells[] | Error)[]> {
  return Promise.all(
    host.services.map(async (service) => {
      const count = await orError(service.count(account, filter));
      const calls = await orError(
        service
          .export(account, { ...filter, format: 'json' })
          .then(async (stream) => JSON.parse(await text(stream)) as Cells[]),
      );
      if (calls instanceof Error) return calls;
      if (count instanceof Error) return count;
      expect(count).toBe(calls.length);
      return calls;
    }),
  );
}

async function orError<T>(promise: Promise<T>): Promise<T | Error> {
  try {
    return await promise;
  } catch (error) {
    return error as Error;
  }
}
