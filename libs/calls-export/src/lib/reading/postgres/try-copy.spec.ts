import { EventEmitter } from 'node:events';
import { escapeLiteral } from 'pg';
import { HEADER, int, rowOf, TRAILER } from '../../../../test/copied-rows';
import type { Connections } from '../connections';
import { settingsOf } from './settings';
import { tryCopy } from './try-copy';

/** A server that sends these chunks for whatever it is asked. */
function server(...chunks: Buffer[]) {
  const connection = new EventEmitter();
  const queries: string[] = [];
  const runner = {
    async query(sql: string) {
      queries.push(sql);
      for (const chunk of chunks) connection.emit('copyData', { chunk });
    },
  };
  const connectionsOf = (client: unknown) =>
    ({
      use: (work: (...given: unknown[]) => Promise<unknown>) => work(runner, client),
    }) as unknown as Connections;
  return { queries, connectionsOf, connections: connectionsOf({ connection, escapeLiteral }) };
}

describe('tryCopy', () => {
  const row = rowOf(int(4, 1n));

  it('copies a row, with the settings of a page', async () => {
    const { connections, queries } = server(HEADER, row, TRAILER);
    await tryCopy(connections);
    expect(queries).toEqual([
      `${settingsOf({}, { escapeLiteral })}COPY (SELECT 1) TO STDOUT (FORMAT binary)`,
    ]);
  });

  it.each([
    ['nothing', []],
    ['an end that is missing', [HEADER, row]],
  ])('fails by %s', async (_, chunks) => {
    await expect(tryCopy(server(...chunks).connections)).rejects.toThrow('it sends no COPY data');
  });

  it('fails by other data', async () => {
    const { connections } = server(Buffer.from('id\n1\n2\n3\n4\n5\n6\n7\n8\n9\n'));
    await expect(tryCopy(connections)).rejects.toThrow('something else than binary COPY data');
  });

  it('asks nothing of another driver', async () => {
    const { connectionsOf, queries } = server(HEADER, row, TRAILER);
    await expect(tryCopy(connectionsOf({}))).rejects.toThrow(
      "the driver is not the JavaScript client of 'pg'",
    );
    expect(queries).toEqual([]);
  });
});
