// @slow
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { DataSource, type EntitySchema, In } from 'typeorm';
import type { CallsFilter } from '../src';
import { CREATED_HOSTS, type CreatedHost, createdOptions } from './created-hosts';
import { ExportingHost } from './exporting-host';
import { bareOptions, typeOf } from './find/entities';

const CALLS = 3_000;
const PAGE_SIZE = 300;
const START = new Date('2023-10-30T10:00:00Z');
const ASSISTANT = 'night-shift';

interface Call {
  readonly id: string;
  readonly startedAt: Date | null;
  readonly assistantId: string | null;
}

describeEachDatabase(
  'While calls in the order of creation are inserted, updated and deleted',
  bareOptions,
  (database) => {
    describe.each(Object.keys(CREATED_HOSTS))('with ids that are %s', (kind) => {
      let entities: CreatedHost;
      let writer: DataSource;
      let host: ExportingHost;
      let created = 0;

      beforeAll(async () => {
        entities = CREATED_HOSTS[kind]?.(typeOf(database.url)) as CreatedHost;
        const { calls, assistants } = entities;
        writer = await new DataSource(createdOptions(entities, database.url)).initialize();
        // An in-memory SQLite database belongs to one DataSource.
        const reader =
          writer.options.type === 'sqljs'
            ? writer
            : new DataSource({ ...writer.options, synchronize: false, dropSchema: false });
        if (reader !== writer) await reader.initialize();
        await writer
          .getRepository(assistants.entity)
          .insert({ id: ASSISTANT, accountId: 1, name: 'Night Shift' });
        host = await ExportingHost.start(
          { ...database, dataSource: reader },
          { calls, assistants, pageSize: PAGE_SIZE },
        );
      }, 60_000);
      afterAll(async () => {
        await host?.close();
        if (writer?.isInitialized) await writer.destroy();
      });

      const repository = () =>
        writer.getRepository<Call>(entities.calls.entity as EntitySchema<Call>);
      async function insert(count: number): Promise<string[]> {
        const rows = Array.from({ length: count }, () => ({
          id: entities.newId(),
          accountId: 1,
          callSid: `CA${++created}`,
          status: 'completed',
          assistantId: created % 2 === 0 ? ASSISTANT : null,
          startedAt: created % 5 === 0 ? null : new Date(Number(START) + (created % 1000) * 1000),
        }));
        for (let done = 0; done < count; done += 500) {
          const some = rows.slice(done, done + 500);
          await repository()
            .createQueryBuilder()
            .insert()
            .values(some)
            .updateEntity(false)
            .execute();
        }
        return rows.map(({ id }) => id);
      }

      it.each<[string, CallsFilter]>([
        ['all calls', {}],
        ["an assistant's calls", { assistantId: ASSISTANT }],
        ['a date range', { startedFrom: 0n }],
      ])(
        'an export of %s has each call at most once, misses none that matched all the time, and leaves out new ones',
        async (_title, filter) => {
          await repository().clear();
          await insert(CALLS);
          const before = await repository().find();
          const doomed = before.filter((_, index) => index % 3 === 0).map(({ id }) => id);
          const kept = before.filter((_, index) => index % 3 !== 0);
          const stays = kept.filter(
            ({ startedAt, assistantId }) =>
              (startedAt || filter.startedFrom === undefined) &&
              (assistantId || filter.assistantId === undefined),
          );
          expect(stays.length).toBeGreaterThan(PAGE_SIZE);
          // Calls created in the same second as the newest one may be in the file.
          if (kind.endsWith('to the second')) await sleep(1_000);

          const later: string[] = [];
          let json = '';
          for await (const chunk of await host.stream({ ...filter, format: 'json' })) {
            json += chunk;
            // More than a page: an export that did not leave them out would never end.
            later.push(...(await insert(PAGE_SIZE + 100)));
            const some = kept.slice(0, 50).map(({ id }) => id);
            await repository().update({ id: In(some) }, { status: 'busy' } as never);
            await repository().delete({ id: In(doomed.splice(-100)) });
          }

          const exported = (JSON.parse(json) as { id: string }[]).map(({ id }) => id);
          expect(later.length).toBeGreaterThan(PAGE_SIZE);
          const found = new Set(exported);
          expect(found.size).toBe(exported.length);
          expect(stays.filter(({ id }) => !found.has(id))).toEqual([]);
          expect(later.filter((id) => found.has(id))).toEqual([]);
        },
        60_000,
      );
    });
  },
  EVERY_DATABASE,
);
