import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import * as fc from 'fast-check';
import type { AccountId } from '../../src';
import { closeHostsAfterEach, expectFound, FindHost } from './find-host';
import { anyColumns, anyRows, type ChosenColumns } from './column-choices';
import { bareOptions, type Columns, hostEntities, typeOf } from './entities';

const TIMEOUT_MS = 120_000;

/** The number of random host apps per database. Each creates tables and starts apps, which is slow. */
const HOSTS = 8;

/** Among the times of the rows, and around the DST changes, with skipped and ambiguous local times. */
const anyInstant = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 51n }),
  fc.integer({ min: -180, max: 180 }).map((m) => new Date(Date.UTC(2023, 2, 12, 7, m))),
  fc
    .tuple(fc.integer({ min: -180, max: 180 }), fc.constantFrom(-1n, 0n, 1n))
    .map(([m, rest]) => BigInt(Date.UTC(2023, 10, 5, 6, m)) * 1000n + rest),
);
const anyFilter = fc.record(
  {
    status: fc.constantFrom('busy', 'BUSY', 'busy ', 'queued'),
    assistantId: fc.integer({ min: 1, max: 5 }),
    startedFrom: anyInstant,
    startedBefore: anyInstant,
  },
  { requiredKeys: [] },
);

function columnsOf(choices: ChosenColumns['calls']): Columns {
  return Object.fromEntries(Object.entries(choices).map(([field, { column }]) => [field, column]));
}

/**
 * The differential test: for random entities and rows, the file matches `find()`.
 *
 * @param offsetMinutes the UTC offset of the process in winter.
 */
export function describeRandomHosts(title: string, offsetMinutes: number): void {
  it(`${title} runs in the expected time zone`, () => {
    expect(new Date(2023, 0, 1).getTimezoneOffset()).toBe(-offsetMinutes || 0);
  });

  describeEachDatabase(
    title,
    bareOptions,
    (database) => {
      closeHostsAfterEach();

      it(
        'exports what find() returns',
        async () => {
          const type = typeOf(database.url);
          const anyHost = anyColumns(type).chain((columns) =>
            fc.record({
              columns: fc.constant(columns),
              calls: anyRows(columns.calls, 12),
              assistants: anyRows(columns.assistants, 5),
              filters: fc.array(anyFilter, { minLength: 3, maxLength: 3 }),
              pageSize: fc.constantFrom(1, 2, 3, 100),
              idsGrow: fc.boolean(),
            }),
          );
          await fc.assert(
            fc.asyncProperty(
              anyHost,
              async ({ columns, calls, assistants, filters, pageSize, idsGrow }) => {
                const { calls: mapped, assistants: ofAssistants } = hostEntities(
                  type,
                  columnsOf(columns.calls),
                  columnsOf(columns.assistants),
                );
                const host = await FindHost.start(database, {
                  entities: { calls: { ...mapped, idsGrow }, assistants: ofAssistants },
                  module: { pageSize },
                });
                try {
                  const repository = (of: 'calls' | 'assistants') =>
                    host.dataSource.getRepository(host.entities[of].entity);
                  await repository('assistants').insert(
                    assistants.map((row, index) => ({ ...row, id: index + 1 })),
                  );
                  await repository('calls').insert(calls);
                  const accounts = new Set(calls.map(({ accountId }) => accountId as AccountId));
                  for (const account of accounts) {
                    await expectFound(host, account);
                    for (const filter of filters) await expectFound(host, account, filter);
                  }
                } finally {
                  await host.close();
                }
              },
            ),
            { numRuns: HOSTS },
          );
        },
        TIMEOUT_MS,
      );
    },
    EVERY_DATABASE,
  );
}
