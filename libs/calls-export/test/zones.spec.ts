// @slow
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import * as fc from 'fast-check';
import { Call, type CallsExportOptions, UnexportableCallError } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { type Shown, shownIn, UNUSUAL_DAYS, ZONES } from './shown-in';
import { type ExportedCall, STARTS, zonedHost } from './zoned-host';

/** Zones that no other test here uses. */
const FRESH_ZONES = [
  'Asia/Gaza',
  'Asia/Hebron',
  'Africa/Casablanca',
  'Africa/El_Aaiun',
  'Asia/Jerusalem',
];
const unused = [...FRESH_ZONES];

describe.each<[string, CallsExportOptions]>([
  ['A time zone', {}],
  ['A time zone, without COPY,', { copy: false }],
])('%s', (title, options) => {
  describeEachDatabase(
    title,
    anyDataSourceOptions,
    (database) => {
      const { request, exported } = zonedHost(database, options);

      /** The calls, with their times in the zone according to `Intl`. */
      const expectedCalls = (shown: Shown): ExportedCall[] =>
        STARTS.map((seconds, index) => ({
          id: index + 1,
          started_at: index % 100 === 99 ? null : shown(seconds),
          ended_at: index % 10 === 9 ? null : shown(seconds + 601),
        }));
      const cellsOf = (calls: readonly ExportedCall[]) =>
        calls.map(({ id, started_at, ended_at }) => [id, started_at, ended_at]);

      it.each([...new Set(UNUSUAL_DAYS.map(([zone]) => zone)), 'UTC', 'Etc/GMT+5'])(
        '%s applies to the times in every format',
        async (timezone) => {
          const expected = expectedCalls(shownIn(timezone));
          const json = await exported({ timezone });
          expect(cellsOf(json)).toEqual(cellsOf(expected));
          const ndjson = await (await request({ timezone, format: 'ndjson' })).text();
          expect(
            ndjson
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line)),
          ).toEqual(json);
          const csv = (await (await request({ timezone })).text()).split('\r\n').slice(1, -1);
          expect(csv.map((line) => line.split(',').slice(-2).join())).toEqual(
            expected.map(({ started_at, ended_at }) =>
              [started_at, ended_at].map((time) => (time === null ? '' : `"${time}"`)).join(),
            ),
          );
        },
      );

      it.each(UNUSUAL_DAYS)('%s applies to the bounds of the day %s', async (timezone, date) => {
        const shown = shownIn(timezone);
        const ids = expectedCalls(shown).flatMap(({ id, started_at }) =>
          started_at?.startsWith(date) ? [id] : [],
        );
        const query = { timezone, date_from: date, date_to: date };
        const calls = await exported(query);
        expect(ids.length).toBeGreaterThan(20);
        expect(calls.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
        expect(calls.every(({ started_at }) => started_at?.startsWith(date))).toBe(true);
        const { headers } = await request(query, 'HEAD');
        expect(headers.get('x-total-count')).toBe(String(ids.length));
      });

      it('applies to any day, and to any bound without an offset', async () => {
        const days = fc.constantFrom(
          ...STARTS.map((seconds) => new Date(seconds * 1000).toISOString()),
        );
        const zone = fc.constantFrom(...ZONES.filter((name) => !FRESH_ZONES.includes(name)));
        const second = fc.tuple(zone, days, fc.constantFrom(10, 16, 19));
        await fc.assert(
          fc.asyncProperty(second, async ([timezone, iso, length]) => {
            const shown = shownIn(timezone);
            const bound = shown(Date.parse(iso) / 1000).slice(0, length);
            const calls = await exported({ timezone, date_from: bound, date_to: bound });
            const ids = calls.map(({ id }) => id);
            const expected = expectedCalls(shown).flatMap(({ id, started_at }) =>
              started_at?.startsWith(bound) ? [id] : [],
            );
            expect(ids).toEqual(expect.arrayContaining(expected));
            // Calls between the two occurrences of an ambiguous time are in the file too.
            const startsOf = (some: number[]) => some.map((id) => STARTS[id - 1] as number);
            const [first, last] = [
              Math.min(...startsOf(expected)),
              Math.max(...startsOf(expected)),
            ];
            expect(startsOf(ids).filter((start) => start < first || start > last)).toEqual([]);
          }),
          { numRuns: 25 },
        );
      }, 60_000);

      it.each([
        // The first and the second 02:30.
        ['02:30', '02:30', '2023-10-29T00:30:00Z', '2023-10-29T01:30:59Z'],
        ['01:59:59', '02:00:00', '2023-10-28T23:59:59Z', '2023-10-29T01:00:00Z'],
        ['02:30+02:00', '02:30 01:00', '2023-10-29T00:30:00Z', '2023-10-29T01:30:59Z'],
        ['00:30z', '01:30Z', '2023-10-29T00:30:00Z', '2023-10-29T01:30:59Z'],
      ])(
        'accepts %s to %s when the clock goes back, as %s to %s',
        async (from, to, first, last) => {
          const query = { date_from: `2023-10-29T${from}`, date_to: `2023-10-29 ${to}` };
          const calls = await exported({ ...query, timezone: 'Europe/Berlin' });
          const ids = STARTS.flatMap((seconds, index) =>
            seconds >= Date.parse(first) / 1000 &&
            seconds <= Date.parse(last) / 1000 &&
            index % 100 !== 99
              ? [index + 1]
              : [],
          );
          expect(ids.length).toBeGreaterThan(2);
          expect(calls.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
        },
      );

      it.each([
        ['date_from', 'date_to'],
        ['date_to', 'date_from'],
      ])(
        'treats a skipped local time in %s as the instant of the change, like one in %s',
        async (parameter) => {
          const jump = '2023-03-26T01:00:00Z';
          const skipped = { timezone: 'Europe/Berlin', [parameter]: '2023-03-26T02:30' };
          const instant = { [parameter]: jump };
          const count = async (query: Record<string, string>) =>
            (await request(query, 'HEAD')).headers.get('x-total-count');
          expect(Number(await count(instant))).toBeGreaterThan(0);
          expect(await count(skipped)).toBe(await count(instant));
          const bothInGap = { date_from: '2023-03-26T02:00', date_to: '2023-03-26T02:59:59' };
          const calls = await exported({ timezone: 'Europe/Berlin', ...bothInGap });
          expect(calls.length).toBeGreaterThan(0);
          for (const { started_at } of calls) expect(started_at).toBe('2023-03-26T03:00:00');
        },
      );

      it('does not call Intl more often for more rows', async () => {
        const format = jest.spyOn(
          Intl.DateTimeFormat.prototype as { readonly format: unknown },
          'format',
          'get',
        );
        const timezone = unused.pop() as string;
        const formatted = async () => {
          const before = format.mock.calls.length;
          await exported({ timezone });
          return format.mock.calls.length - before;
        };
        const [first, second] = [await formatted(), await formatted()];
        format.mockRestore();
        const days = new Set(
          STARTS.flatMap((seconds) =>
            [seconds, seconds + 601].map((each) => Math.floor(each / 86_400)),
          ),
        );
        // Two for each day, and more on the days with a change; a call has two times.
        expect(first).toBeGreaterThan(2 * days.size - 1);
        expect(first).toBeLessThan(4 * days.size);
        expect(second).toBe(0);
      });
    },
    options.copy === false ? ['embedded PostgreSQL'] : EVERY_DATABASE,
  );
});

describeEachDatabase(
  'A time that is outside the years 1 to 9999 in the zone',
  anyDataSourceOptions,
  (database) => {
    it('fails the export', async () => {
      const host = await ExportingHost.start(database);
      const repository = database.dataSource.getRepository(Call);
      const call = { accountId: 1, status: 'completed' };
      const timeZone = 'Europe/Berlin';
      const late = { startedAt: new Date('9999-12-31T22:59:59Z') };
      await repository.insert({ ...call, id: '1', callSid: 'CA1', ...late });
      expect(await host.export({ timeZone })).toMatch('"9999-12-31T23:59:59"');
      const tooLate = { endedAt: new Date('9999-12-31T23:00:00Z') };
      await repository.insert({ ...call, id: '2', callSid: 'CA2', ...tooLate });
      for (const format of ['csv', 'json', 'ndjson'] as const) {
        expect(await host.export({ format })).toMatch('"9999-12-31T23:00:00"');
        await expect(host.export({ format, timeZone })).rejects.toThrow(
          new UnexportableCallError('2', 'ended_at'),
        );
      }
      await host.close();
    });
  },
  ['PostgreSQL server', 'MariaDB server', 'SQLite'],
);
