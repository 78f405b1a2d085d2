// @slow
import { EventEmitter, once } from 'node:events';
import { describeEachDatabase } from '@calls/testing';
import { In } from 'typeorm';
import { Assistant, Call } from '../src';
import type { CallsFilter } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { insertCalls } from './insert-calls';

const CALLS = 20_000;
const ASSISTANT = 3;
const START = new Date('2023-10-30T10:00:00Z');

describeEachDatabase(
  'While calls in the order of ids are inserted, updated and deleted',
  anyDataSourceOptions,
  (database) => {
    let host: ExportingHost;

    beforeAll(async () => {
      host = await ExportingHost.start(database);
      await database.dataSource
        .getRepository(Assistant)
        .insert({ id: ASSISTANT, accountId: 1, name: 'Night Shift' });
    }, 60_000);
    afterAll(() => host.close());

    let created = 0;
    const newCall = () => ({
      accountId: 1,
      callSid: `CA${++created}`,
      status: 'completed',
      assistantId: created % 4 === 0 ? null : ASSISTANT,
      // Some calls start later.
      startedAt: created % 5 === 0 ? null : new Date(Number(START) + (created % 1000) * 1000),
    });

    async function insert(count: number): Promise<void> {
      const rows = Array.from({ length: count }, newCall);
      await insertCalls(database.dataSource, rows);
    }

    it.each<[string, CallsFilter]>([
      ['all calls', {}],
      ["an assistant's calls", { assistantId: ASSISTANT, status: 'completed' }],
      ['a date range', { startedFrom: 0n }],
    ])(
      'an export of %s has each call at most once, misses none that matched all the time, and leaves out new ones',
      async (_title, filter) => {
        await database.dataSource.createQueryBuilder().delete().from(Call).execute();
        await insert(CALLS);
        const calls = await database.dataSource.getRepository(Call).find({ order: { id: 'ASC' } });
        const isDoomed = (_: Call, index: number) => index % 3 === 0;
        const stays = calls.filter(
          (call, index) =>
            !isDoomed(call, index) &&
            call.startedAt &&
            (call.assistantId !== null || filter.assistantId === undefined),
        );
        const starts = calls.filter((call, index) => !isDoomed(call, index) && !call.startedAt);
        const doomed = calls.filter(isDoomed);

        const writes = new EventEmitter();
        let isWriting = true;
        const repository = database.dataSource.getRepository(Call);
        const ids = (some: Call[]) => ({ id: In(some.map(({ id }) => id)) });
        const any = (some: Call[]) =>
          Array.from({ length: 50 }, () => some[Math.floor(Math.random() * some.length)] as Call);
        async function write(work: () => Promise<unknown>): Promise<void> {
          while (isWriting) {
            await work();
            writes.emit('write');
          }
        }
        const writers = [
          write(() => insert(50)),
          write(() =>
            repository.update(ids(any(stays)), { duration: Math.floor(Math.random() * 1000) }),
          ),
          write(async () => {
            await repository.update(ids(starts.splice(0, 20)), {
              startedAt: new Date(Number(START) + Math.random() * 1e6),
              assistantId: Math.random() < 0.5 ? null : ASSISTANT,
            });
            await repository.delete(ids(doomed.splice(-100)));
          }),
        ];

        const highestId = async () =>
          Number(await repository.maximum('id' as never, { accountId: 1 }));
        let json = '';
        let newest = 0;
        try {
          const stream = await host.stream({ ...filter, format: 'json' });
          newest = await highestId();
          for await (const chunk of stream) {
            json += chunk;
            // The table changes before the next page is read.
            await once(writes, 'write');
          }
        } finally {
          // The writers were still inserting when the export ended.
          isWriting = false;
          await Promise.all(writers);
        }

        const exported = (JSON.parse(json) as { id: number }[]).map(({ id }) => id);
        // Calls were created after the export began, and none of them is in the file.
        expect(await highestId()).toBeGreaterThan(newest);
        expect(exported.filter((id) => id > newest)).toEqual([]);
        expect(new Set(exported).size).toBe(exported.length);
        if (filter.startedFrom === undefined) {
          expect(exported).toEqual(exported.toSorted((a, b) => a - b));
        }
        const found = new Set(exported);
        expect(stays.length).toBeGreaterThan(CALLS / 3);
        expect(stays.filter(({ id }) => !found.has(Number(id)))).toEqual([]);
      },
      60_000,
    );
  },
  ['embedded PostgreSQL', 'PostgreSQL server', 'MariaDB server'],
);
