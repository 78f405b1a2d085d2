import type { CallsFilter } from '../../src';
import { casesOf, describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost, isAccount } from './find-host';
import { type Cells, cellsOf, dateOf, type Found } from './oracle';
import { NIGHTS, TIME_CASES, timesOf } from './time-cases';

/** Filters that split all time at the starts and during the nights with a DST change. */
function filtersAt(starts: readonly Date[]): CallsFilter[] {
  const micros = (date: Date) => BigInt(date.getTime()) * 1000n;
  const instants = [...starts, ...NIGHTS].sort((a, b) => Number(a) - Number(b));
  const bounds = instants.map((date, index) => (index % 2 === 0 ? date : micros(date)));
  return [undefined, ...bounds].map((startedFrom, index) => ({
    startedFrom,
    startedBefore: bounds[index],
  }));
}

/** Tests the export and the filters of times in a process with a time zone. */
export function describeTimes(zone: string, offsetMinutes: number): void {
  it(`The process runs in the time zone of ${zone}`, () => {
    expect(new Date(2023, 0, 1).getTimezoneOffset()).toBe(-offsetMinutes || 0);
  });

  describeKinds(`Times in a process in ${zone}`, (database, type, kind) => {
    it.each(casesOf(TIME_CASES, kind))(
      'of type $title are exported and filtered as find() returns them',
      async (each) => {
        const { column, dataSource } = each;
        const host = await FindHost.start(database, {
          entities: hostEntities(type, { startedAt: column, endedAt: column }),
          dataSource,
          formats: ['json'],
        });
        const calls = [...timesOf(each), null].map((time, index) => ({
          id: index + 1,
          accountId: 7,
          callSid: `CA of ${time}`,
          startedAt: time,
          endedAt: time,
        }));
        // MariaDB rejects a statement that inserts a skipped local time.
        await host.add('calls', ...calls);
        expect(await expectFound(host, 7)).toHaveLength(calls.length);
        const rows = await host.dataSource.getRepository(host.entities.calls.entity).find();
        const starts = rows.flatMap((row) =>
          row['startedAt'] === null ? [] : [dateOf(row['startedAt'])],
        );
        const filters = filtersAt(starts);
        const found = await host.findAll();
        for (const filter of filters) await expectFiltered(host, found, filter);
      },
    );
  });
}

async function expectFiltered(host: FindHost, found: Found, filter: CallsFilter): Promise<void> {
  const sids = (calls: readonly Cells[]) => calls.map((call) => call['call_sid']).sort();
  const exported = sids(await host.export(7, filter));
  expect([filter, exported]).toEqual([filter, sids(cellsOf(found, isAccount(7), filter))]);
}
