// @needs PostgreSQL server or MariaDB server
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describeEachDatabase, until } from '@calls/testing';
import { Assistant, type ExportStream } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { insertCalls } from './insert-calls';

const CALLS = 10_000;
const NAME_LENGTH = 1_600;
const EXPORTS = 32;
const PAGE_MEMORY = 32;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function buffersMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers / 2 ** 20;
}

/** The size of the process's buffers once no page is being read and all garbage is collected. */
async function settledMegabytes(): Promise<number> {
  let last = NaN;
  let megabytes = buffersMegabytes();
  await until(async () => {
    last = megabytes;
    await sleep(300);
    megabytes = buffersMegabytes();
    return Math.abs(megabytes - last) < 0.1;
  }, 20_000);
  return megabytes;
}

describeEachDatabase(
  'The pages of exports',
  anyDataSourceOptions,
  (database) => {
    it('keep within pageMemory while nobody reads the files', async () => {
      const assistants = database.dataSource.getRepository(Assistant);
      const { id } = await assistants.save({ accountId: 1, name: '"'.repeat(NAME_LENGTH) });
      const calls = Array.from({ length: CALLS }, (_, index) => ({
        accountId: 1,
        callSid: `CA${index}`,
        assistantId: id,
        status: 'completed',
      }));
      await insertCalls(database.dataSource, calls);
      const host = await ExportingHost.start(database, {
        maxConcurrent: EXPORTS,
        maxPerAccount: EXPORTS,
        pageMemory: PAGE_MEMORY,
      });
      try {
        // Other tests of this process may have left buffers.
        await settledMegabytes();
        const streams: ExportStream[] = [];
        // In the middle of a file, each export holds the page being sent and the next one.
        for (let index = 0; index < EXPORTS; index++) {
          const stream = await host.stream({ format: 'json' });
          streams.push(stream);
          while (stream.progress.rows < CALLS / 4) {
            if (!stream.read()) await once(stream, 'readable');
          }
        }
        const open = await settledMegabytes();
        const closed = streams.map((stream) => once(stream, 'close'));
        for (const stream of streams) stream.destroy();
        await Promise.all(closed);
        streams.length = 0;
        const held = open - (await settledMegabytes());
        expect(held).toBeGreaterThan(PAGE_MEMORY / 10);
        // Including what the driver's connections have received.
        expect(held).toBeLessThan(1.4 * PAGE_MEMORY);
      } finally {
        await host.close();
      }
    }, 60_000);
  },
  ['PostgreSQL server', 'MariaDB server'],
);
