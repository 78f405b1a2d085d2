import { EventEmitter } from 'node:events';
import type { QueryRunner } from 'typeorm';
import { copiedValues, copyOut } from './copy-out';
import type { PgConnection } from './pg-client';

/** A fake client whose query emits chunks, then resolves or fails. */
function sending(chunks: readonly string[], failure?: Error) {
  const connection = new EventEmitter();
  const queries: string[] = [];
  const runner = {
    async query(sql: string) {
      queries.push(sql);
      for (const chunk of chunks) connection.emit('copyData', { chunk: Buffer.from(chunk) });
      if (failure) throw failure;
    },
  };
  const copy = (take: (chunk: Buffer) => void) =>
    copyOut(
      runner as unknown as QueryRunner,
      { connection: connection as unknown as PgConnection },
      'SET LOCAL x = 1; COPY calls TO STDOUT',
      take,
    );
  return { connection, queries, copy };
}

describe('copyOut', () => {
  it('passes on the data of one query and removes its listener', async () => {
    const { connection, queries, copy } = sending(['a', 'b']);
    const taken: string[] = [];
    await copy((chunk) => taken.push(chunk.toString()));
    expect(taken).toEqual(['a', 'b']);
    expect(queries).toEqual(['SET LOCAL x = 1; COPY calls TO STDOUT']);
    expect(connection.listenerCount('copyData')).toBe(0);
  });

  it('passes on a row that is larger than a page', async () => {
    const row = 'x'.repeat(9 * 2 ** 20);
    const taken: number[] = [];
    await sending([row, 'y']).copy(({ length }) => taken.push(length));
    expect(taken).toEqual([row.length, 1]);
  });

  it('rejects with the error of the query', async () => {
    const failure = new Error('no such table');
    const { connection, copy } = sending(['a'], failure);
    await expect(copy(() => {})).rejects.toBe(failure);
    expect(connection.listenerCount('copyData')).toBe(0);
  });

  it.each([undefined, new Error('the connection was closed')])(
    'rejects with the error of the callback and stops calling it, if the query ends with %s',
    async (failure) => {
      const { connection, copy } = sending(['a', 'b', 'c'], failure);
      const taken: string[] = [];
      const full = new Error('the page is full');
      const take = (chunk: Buffer) => {
        taken.push(chunk.toString());
        if (taken.length === 2) throw full;
      };
      await expect(copy(take)).rejects.toBe(full);
      expect(taken).toEqual(['a', 'b']);
      expect(connection.listenerCount('copyData')).toBe(0);
    },
  );

  it('rejects even if the callback throws undefined', async () => {
    const take = () => {
      throw undefined;
    };
    await expect(sending(['a']).copy(take)).rejects.toBeUndefined();
  });
});

describe('copiedValues', () => {
  it('splits a line at tabs', () => {
    expect(copiedValues('7\n')).toEqual(['7']);
    expect(copiedValues('2023-10-30 10:00:00+00\t7\n')).toEqual(['2023-10-30 10:00:00+00', '7']);
    expect(copiedValues('\ta\t\n')).toEqual(['', 'a', '']);
  });

  it('resolves escape sequences', () => {
    expect(copiedValues('\\b\\f\\n\\r\\t\\v\\\\n\\\\\ta\\\nb\n')).toEqual([
      '\b\f\n\r\t\v\\n\\',
      'a\nb',
    ]);
    expect(copiedValues('\\a\\.\n')).toEqual(['a.']);
  });
});
