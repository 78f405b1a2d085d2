import type { PGlite } from '@electric-sql/pglite';
import { keepQueriesWhole } from './keep-queries-whole';

const OPTIONS = { onRawData: () => {} };

describe('keepQueriesWhole', () => {
  /** A database that says what it is asked to do. */
  function wrapped() {
    const calls: unknown[][] = [];
    const state = { inTransaction: false };
    const database = {
      isInTransaction: () => state.inTransaction,
      execProtocolRawStream: (...parameters: unknown[]) => calls.push(['message', ...parameters]),
      exec: (...parameters: unknown[]) => calls.push(['exec', ...parameters]),
      close() {
        return this === database;
      },
      debug: 3,
    };
    const whole = keepQueriesWhole(database as unknown as PGlite);
    const send = (type: string) => whole.execProtocolRawStream(Buffer.from(`${type}\0`), OPTIONS);
    return { whole, send, calls, state };
  }

  it.each(['P', 'B', 'D', 'E', 'C', 'H'])(
    'counts a query as unfinished from a message %s to one that ends it',
    (type) => {
      const { whole, send } = wrapped();
      expect(whole.isInTransaction()).toBe(false);
      for (const end of ['S', 'Q']) {
        send(type);
        expect(whole.isInTransaction()).toBe(true);
        send(end);
        expect(whole.isInTransaction()).toBe(false);
      }
    },
  );

  it('leaves it at that for other messages', () => {
    const { whole, send } = wrapped();
    // Of COPY, and a password.
    for (const type of ['d', 'c', 'f', 'p']) {
      send(type);
      expect(whole.isInTransaction()).toBe(false);
    }
    send('P');
    for (const type of ['d', 'c', 'f', 'p']) send(type);
    expect(whole.isInTransaction()).toBe(true);
  });

  it("counts the database's own transaction", () => {
    const { whole, send, state } = wrapped();
    state.inTransaction = true;
    expect(whole.isInTransaction()).toBe(true);
    send('S');
    expect(whole.isInTransaction()).toBe(true);
  });

  it('forgets a query whose connection goes away, which is rolled back', () => {
    const { whole, send, calls } = wrapped();
    send('P');
    void whole.exec('ROLLBACK', { rowMode: 'array' });
    expect(whole.isInTransaction()).toBe(false);
    expect(calls.at(-1)).toEqual(['exec', 'ROLLBACK', { rowMode: 'array' }]);
  });

  it('passes messages and everything else on', () => {
    const { whole, send, calls } = wrapped();
    send('P');
    expect(calls).toEqual([['message', Buffer.from('P\0'), OPTIONS]]);
    expect(whole.close()).toBe(true);
    expect(whole.debug).toBe(3);
  });
});
