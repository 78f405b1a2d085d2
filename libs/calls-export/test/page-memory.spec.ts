import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describeEachDatabase } from '@calls/testing';
import { Assistant, Call, type ExportStream } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 10_000;
const NAME_LENGTH = 1_600;
const EXPORTS = 32;
const PAGE_MEMORY = 32;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function pagesMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers / 2 ** 20;
}

describeEachDatabase(
  'Pages',
  anyDataSourceOptions,
  (database) => {
    it('of exports that nobody takes keep to their memory', async () => {
      const assistants = database.dataSource.getRepository(Assistant);
      const { id } = await assistants.save({ accountId: 1, name: '"'.repeat(NAME_LENGTH) });
      const calls = Array.from({ length: CALLS }, (_, index) => ({
        accountId: 1,
        callSid: `CA${index}`,
        assistantId: id,
        status: 'completed',
      }));
      for (let done = 0; done < CALLS; done += 1000) {
        await database.dataSource.getRepository(Call).insert(calls.slice(done, done + 1000));
      }
      const host = await ExportingHost.start(database, {
        maxConcurrent: EXPORTS,
        maxPerAccount: EXPORTS,
        pageMemory: PAGE_MEMORY,
      });
      try {
        const before = pagesMegabytes();
        const streams: ExportStream[] = [];
        // In the middle of their files, each holds the page that is taken and the next one.
        for (let index = 0; index < EXPORTS; index++) {
          const stream = await host.stream({ format: 'json' });
          streams.push(stream);
          while (stream.progress.rows < CALLS / 4) {
            if (!stream.read()) await once(stream, 'readable');
          }
        }
        // Until the pages that are read ahead have come.
        let megabytes = pagesMegabytes();
        for (let last = 0; last !== Math.round(megabytes); await sleep(200)) {
          last = Math.round(megabytes);
          megabytes = pagesMegabytes();
        }
        const held = megabytes - before;
        for (const stream of streams) stream.destroy();
        expect(held).toBeGreaterThan(PAGE_MEMORY / 10);
        // And what the driver's connections have received.
        expect(held).toBeLessThan(1.25 * PAGE_MEMORY);
      } finally {
        await host.close();
      }
    }, 60_000);
  },
  ['PostgreSQL server', 'MariaDB server'],
);
