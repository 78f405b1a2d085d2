import { EventEmitter } from 'node:events';
import { escapeLiteral } from 'pg';
import { HEADER, int, rowOf, TRAILER } from '../../../../test/copied-rows';
import type { Connections } from '../connections';
import { settingsOf } from './settings';
import { tryCopy } from './try-copy';

/** A fake server that responds to every query with these chunks. */
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
    ['no data', []],
    ['data without a trailer', [HEADER, row]],
  ])('rejects if the server sends %s', async (_, chunks) => {
    await expect(tryCopy(server(...chunks).connections)).rejects.toThrow(
      'the server sent no COPY data',
    );
  });

  it('rejects if the server sends data in another format', async () => {
    const { connections } = server(Buffer.from('id\n1\n2\n3\n4\n5\n6\n7\n8\n9\n'));
    await expect(tryCopy(connections)).rejects.toThrow('not in binary COPY format');
  });

  it('sends no query with another driver', async () => {
    const { connectionsOf, queries } = server(HEADER, row, TRAILER);
    await expect(tryCopy(connectionsOf({}))).rejects.toThrow(
      "the driver is not the JavaScript client of 'pg'",
    );
    expect(queries).toEqual([]);
  });
});
