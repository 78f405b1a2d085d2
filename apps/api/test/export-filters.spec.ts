import { describeEachDatabase } from '@calls/testing';
import { CALL_STATUSES } from 'nestjs-calls-export';
import { parse } from 'papaparse';
import { dataSourceOptions } from '../src/data-source-options';
import { CallRows } from './call-rows';
import { type Api, bearer, exportedIds, startApi } from './start-api';

describeEachDatabase('GET /api/v1/calls/export', dataSourceOptions, (database) => {
  let api: Api;
  const rows = new CallRows(database);

  beforeAll(async () => {
    api = await startApi(database.url);
  });
  afterAll(() => api.close());
  beforeEach(() => rows.clear());

  describe('filters by', () => {
    it.each(CALL_STATUSES)('status=%s', async (status) => {
      for (const [index, each] of CALL_STATUSES.entries())
        await rows.addCall({ id: index + 1, status: each });
      expect(await exportedIds(api, { status })).toEqual([CALL_STATUSES.indexOf(status) + 1]);
    });

    it("assistant_id, which does not match another account's calls or assistants", async () => {
      const [mine, theirs] = [
        await rows.addAssistant(1, 'mine'),
        await rows.addAssistant(2, 'theirs'),
      ];
      await rows.addCall({ id: 1, assistant_id: mine });
      await rows.addCall({ id: 2, assistant_id: null });
      await rows.addCall({ id: 3, account_id: 2, assistant_id: theirs });
      // Inconsistent data: a call with another account's assistant.
      await rows.addCall({ id: 4, assistant_id: theirs });
      expect(await exportedIds(api, { assistant_id: String(mine) })).toEqual([1]);
      expect(await exportedIds(api, { assistant_id: `00${mine}` })).toEqual([1]);
      expect(await exportedIds(api, { assistant_id: String(theirs) })).toEqual([]);
      expect(await exportedIds(api, { assistant_id: '2147483647' })).toEqual([]);
      expect(await exportedIds(api, {}, bearer(2))).toEqual([3]);
      const names = parse<string[]>(await (await api.export()).text()).data.map((row) => row[2]);
      expect(names.slice(1, -1)).toEqual(['mine', '', '']);
    });

    it.each([
      [{}, [1, 2, 3, 4, 5, 6, 7]],
      [{ date_from: '2023-10-30' }, [2, 3, 4, 5, 6]],
      [{ date_to: '2023-10-30' }, [1, 2, 3, 4, 5]],
      [{ date_from: '2023-10-30', date_to: '2023-10-30' }, [2, 3, 4, 5]],
      [{ date_from: '2023-10-30T10:05', date_to: '2023-10-30T10:05' }, [3, 4]],
      [{ date_to: '2023-10-30T10:05:00' }, [1, 2, 3]],
      [{ date_from: '2023-10-30T12:05:00+02:00', date_to: '2023-10-30T12:05:00 02:00' }, [3]],
      [{ date_from: '2023-10-30T10:05:00.999999', date_to: '2023-10-30T10:05:00.999999Z' }, [3]],
      [{ date_from: '2023-10-30T10:05:00.9999991' }, [4, 5, 6]],
      [{ date_from: '0000-01-01', date_to: '9999-12-31' }, [1, 2, 3, 4, 5, 6]],
      [
        { date_from: '0001-01-01T00:00:00+14:00', date_to: '9999-12-31T23:59:59-12:00' },
        [1, 2, 3, 4, 5, 6],
      ],
      [{ date_from: '', date_to: '', status: '', assistant_id: '' }, [1, 2, 3, 4, 5, 6, 7]],
    ])('%j', async (query: Record<string, string>, ids) => {
      const starts = [
        '2023-10-29T23:59:59.999999Z',
        '2023-10-30T00:00:00Z',
        '2023-10-30T10:05:00.999999Z',
        '2023-10-30T10:05:01Z',
        '2023-10-30T23:59:59.999999Z',
        '2023-10-31T00:00:00Z',
        null,
      ];
      for (const [index, started_at] of starts.entries())
        await rows.addCall({ id: index + 1, started_at });
      expect(await exportedIds(api, query)).toEqual(ids);
    });

    it('all filters at once', async () => {
      const assistant = await rows.addAssistant(1, 'one');
      const call = { assistant_id: assistant, status: 'busy', started_at: '2023-10-30T10:00:00Z' };
      await rows.addCall({ ...call, id: 1 });
      await rows.addCall({ ...call, id: 2, status: 'failed' });
      await rows.addCall({ ...call, id: 3, assistant_id: null });
      await rows.addCall({ ...call, id: 4, started_at: '2023-10-29T10:00:00Z' });
      await rows.addCall({ ...call, id: 5, account_id: 2 });
      const query = {
        status: 'busy',
        assistant_id: String(assistant),
        date_from: '2023-10-30',
        date_to: '2023-10-30',
      };
      expect(await exportedIds(api, query)).toEqual([1]);
    });
  });

  describe('the order', () => {
    it('is by id, or by start with a date filter', async () => {
      await rows.addCall({ id: 3, started_at: '2023-10-30T10:00:00Z' });
      await rows.addCall({ id: 1, started_at: '2023-10-30T12:00:00Z' });
      await rows.addCall({ id: 2, started_at: '2023-10-30T11:00:00Z' });
      expect(await exportedIds(api)).toEqual([1, 2, 3]);
      expect(await exportedIds(api, { date_from: '2023-10-30' })).toEqual([3, 2, 1]);
    });
  });
});
