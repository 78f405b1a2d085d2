// @slow
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { anyDataSourceOptions } from './exporting-host';
import { ACCOUNT_1 } from './small-host';
import { type ExportedCall, STARTS, zonedHost } from './zoned-host';

const NO_ZONE = 'timezone must be an IANA time zone name such as Europe/Berlin';

describeEachDatabase(
  'The parameter timezone',
  anyDataSourceOptions,
  (database) => {
    const { url, request, exported } = zonedHost(database);

    it.each([
      ['first', ['timezone', 'date_from', 'date_to']],
      ['last', ['date_to', 'date_from', 'timezone']],
      ['in the middle', ['date_from', 'timezone', 'date_to']],
    ])('can come %s in the query', async (_place, names) => {
      const values: Record<string, string> = {
        timezone: 'europe/berlin',
        date_from: '2023-10-29',
        date_to: '2023-10-29',
      };
      const calls = await exported(
        Object.fromEntries(names.map((name) => [name, values[name] as string])),
      );
      expect(calls.length).toBeGreaterThan(20);
      for (const { started_at } of calls) expect(started_at).toMatch(/^2023-10-29T/);
    });

    it.each<[Record<string, string>, string[]]>([
      [{ timezone: 'Berlin' }, [NO_ZONE]],
      [{ timezone: '+02:00' }, [NO_ZONE]],
      [{ timezone: 'BST' }, [NO_ZONE]],
      [{ timezone: 'Europe/Berlin\0' }, [NO_ZONE]],
      // In UTC, the bounds would be in the wrong order.
      [
        { timezone: 'Mars', date_from: '2023-10-30T01:00', date_to: '2023-10-29T23:30Z' },
        [NO_ZONE],
      ],
      [{ date_from: '2023-10-30', timezone: 'Mars', date_to: '2023-10-29' }, [NO_ZONE]],
      [
        { timezone: 'Europe/Berlin', date_from: '2023-10-30', date_to: '2023-10-29' },
        ['date_from must not be after date_to'],
      ],
      [
        {
          timezone: 'Europe/Berlin',
          date_from: '2023-10-30T01:00',
          date_to: '2023-10-29T23:30Z',
        },
        ['date_from must not be after date_to'],
      ],
    ])('returns 400 for %j', async (query, message) => {
      const response = await request(query);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { message: unknown }).message).toEqual(message);
    });

    it('returns 400 if it is given twice', async () => {
      const twice = `${url()}?timezone=UTC&timezone=UTC&date_from=2023-10-30`;
      const response = await fetch(twice, { headers: ACCOUNT_1 });
      expect(response.status).toBe(400);
      expect(((await response.json()) as { message: unknown }).message).toEqual([
        'timezone must be given only once',
      ]);
    });

    it('may contain a plus sign that is not encoded', async () => {
      const raw = `${url()}?format=json&timezone=Etc/GMT+5&date_from=2023-10-29+00:00&date_to=2023-10-29T23:59:59-05:00`;
      const calls = (await (await fetch(raw, { headers: ACCOUNT_1 })).json()) as ExportedCall[];
      expect(calls.length).toBeGreaterThan(20);
      for (const { started_at } of calls) expect(started_at).toMatch(/^2023-10-29T/);
    });

    it('is UTC if it is empty', async () => {
      const utc = await exported({ timezone: 'UTC' });
      expect(utc).toHaveLength(STARTS.length);
      expect(await exported({ timezone: '' })).toEqual(utc);
      expect(await exported({})).toEqual(utc);
    });
  },
  EVERY_DATABASE,
);
