import type { PGlite } from '@electric-sql/pglite';
import { preventInterleaving } from './prevent-interleaving';

const OPTIONS = { onRawData: () => {} };

describe('preventInterleaving', () => {
  /** Wraps a database that records its calls. */
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
    const whole = preventInterleaving(database as unknown as PGlite);
    const send = (type: string) => whole.execProtocolRawStream(Buffer.from(`${type}\0`), OPTIONS);
    return { whole, send, calls, state };
  }

  it.each(['P', 'B', 'D', 'E', 'C', 'H'])(
    'reports a transaction from message %s until the query ends',
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

  it('ignores other messages', () => {
    const { whole, send } = wrapped();
    // COPY messages, and a password.
    for (const type of ['d', 'c', 'f', 'p']) {
      send(type);
      expect(whole.isInTransaction()).toBe(false);
    }
    send('P');
    for (const type of ['d', 'c', 'f', 'p']) send(type);
    expect(whole.isInTransaction()).toBe(true);
  });

  it("reports the database's own transaction", () => {
    const { whole, send, state } = wrapped();
    state.inTransaction = true;
    expect(whole.isInTransaction()).toBe(true);
    send('S');
    expect(whole.isInTransaction()).toBe(true);
  });

  it('discards an unfinished query when its lost connection is rolled back', () => {
    const { whole, send, calls } = wrapped();
    send('P');
    void whole.exec('ROLLBACK', { rowMode: 'array' });
    expect(whole.isInTransaction()).toBe(false);
    expect(calls.at(-1)).toEqual(['exec', 'ROLLBACK', { rowMode: 'array' }]);
  });

  it('forwards messages and everything else to the database', () => {
    const { whole, send, calls } = wrapped();
    send('P');
    expect(calls).toEqual([['message', Buffer.from('P\0'), OPTIONS]]);
    expect(whole.close()).toBe(true);
    expect(whole.debug).toBe(3);
  });
});
